/* The book's search. Loaded when a reader reaches for a search box; then it brings the index: names first, words after.
   Words are taken apart as moip/site/search.py does. */
"use strict";
(() => {
  const root = new URL(document.documentElement.dataset.content_root, location.href);
  const styled = document.getElementById("search-results") ? Promise.resolve() : new Promise((done) => {
    const link = document.createElement("link");
    link.rel = "stylesheet";
    link.href = new URL("_static/search.css", root).href;
    link.onload = link.onerror = done;
    document.head.append(link);
  });
  const load = (src) => new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = new URL(src, root).href;
    script.onload = resolve;
    script.onerror = () => reject(new Error(`could not load ${src}`));
    document.head.append(script);
  });

  /* ---- words ---- */
  const NUMBERED = /\b(bip|bolt|blip|nut|lud|nip|slip|rfc|lsps)[\s-]?0*(\d+)\b/g;
  const words = (text) => text.toLowerCase().replaceAll("’", "'").normalize("NFKD").replace(/\p{M}/gu, "")
    .replace(/'s\b/g, "").replace(NUMBERED, "$1$2").match(/[a-z0-9]+/g) || [];
  /* Whether two words differ by one letter: one more, one less, another, or two in each other's place; the first may go on. */
  const near = (asked, word) => {
    if (asked.length < 4 || asked[0] !== word[0]) return false;
    let i = 0;
    while (i < asked.length && asked[i] === word[i]) i++;
    const a = asked.slice(i), w = word.slice(i);
    return w.startsWith(a.slice(1)) || w.slice(1).startsWith(a) || w.slice(1).startsWith(a.slice(1)) ||
      (a.length > 1 && a[0] === w[1] && a[1] === w[0] && w.slice(2).startsWith(a.slice(2)));
  };

  /* ---- the index ---- */
  let names, said;
  const ready = load("_static/search-names.js").then(() => {
    const { pages, sections, technologies, terms } = window.moip.names;
    const named = (url, title, other, note, group, weight, layer) => ({ url, title, note, group, weight, layer, own: words(title), other: words(other) });
    names = [
      ...technologies.map(([key, name, layer, other, trust]) => named(`technology/${key}.html`, name, other,
        `layer ${layer}, ${trust === "none" ? "holds nothing" : trust}`, "Technologies", 0, layer)),
      ...terms.map(([page, anchor, name, other, meaning]) => named(`${page}.html#${anchor}`, name, other, meaning, "Terms", 0)),
      ...sections.map(([page, anchor, heading]) => anchor
        ? named(`${pages[page][0]}.html#${anchor}`, heading, "", `in ${pages[page][1]}`, "Chapters and sections", -1)
        : named(`${pages[page][0]}.html`, pages[page][1], "", "chapter", "Chapters and sections", 0)),
    ];
  });
  const full = ready.then(() => load("_static/search-words.js")).then(() => {
    let before = "";
    said = window.moip.words.words.split(" ").map((code) => (before = before.slice(0, parseInt(code[0], 36)) + code.slice(1)));
  });
  full.catch(() => { /* names alone are found then */ });

  /* How well a name answers: every word asked for begins one of its words; more for its own words, whole words, the first. */
  const rate = (entry, asked, loose) => {
    let sum = entry.weight;
    for (const word of asked) {
      const fits = (candidate) => candidate === word ? 4 : candidate.startsWith(word) ? 3 : word.length > 3 && candidate.includes(word) ? 2 : loose && near(word, candidate) ? 1 : 0;
      const own = Math.max(0, ...entry.own.map(fits));
      const other = Math.max(0, ...entry.other.map(fits)) - 0.5;
      const best = Math.max(own, other);
      if (best <= 0) return 0;
      sum += best;
    }
    if (entry.own[0]?.startsWith(asked[0])) sum += 1;
    if (entry.own.length === asked.length) sum += 2;
    return Math.max(sum, 0.1);
  };
  const places = (number) => {
    let at = 0;
    return window.moip.words.where[number].split(" ").map((code) => {
      const often = code.endsWith("!");
      at += parseInt(code, 36);
      return [at, often ? 3 : 1];
    });
  };
  const inText = (asked, loose) => {
    let hits;
    for (const word of asked) {
      const here = new Map();
      said.forEach((one, number) => {
        const fit = one === word ? 1 : one.startsWith(word) && word.length > 2 ? 0.6 : loose && near(word, one) ? 0.3 : 0;
        if (!fit) return;
        const list = places(number);
        const rare = Math.log(1 + window.moip.names.sections.length / list.length);
        for (const [section, times] of list) here.set(section, Math.max(here.get(section) || 0, fit * rare * times));
      });
      hits = hits ? new Map([...hits].filter(([s]) => here.has(s)).map(([s, sum]) => [s, sum + here.get(s)])) : here;
    }
    const { pages, sections } = window.moip.names;
    return [...(hits || [])].sort((a, b) => b[1] - a[1] || a[0] - b[0]).map(([s]) => {
      const [page, anchor, heading] = sections[s];
      return { url: `${pages[page][0]}.html${anchor ? `#${anchor}` : ""}`, title: heading || pages[page][1], note: heading ? `in ${pages[page][1]}` : "chapter", group: "In the text" };
    });
  };
  const find = (query) => {
    const asked = words(query);
    if (!asked.length || !names) return [];
    for (const loose of [false, true]) {
      const found = names.map((entry) => [rate(entry, asked, loose), entry]).filter(([sum]) => sum > 0).sort((a, b) => b[0] - a[0]).map(([, entry]) => entry);
      const seen = new Set(found.map((entry) => entry.url));
      const text = said ? inText(asked, loose).filter((entry) => !seen.has(entry.url)) : [];
      if (found.length || text.length || loose) return [...found, ...text];
    }
  };

  /* ---- what the reader sees ---- */
  const make = (tag, props, ...children) => {
    const element = Object.assign(document.createElement(tag), props);
    element.append(...children);
    return element;
  };
  const marked = (title, asked) => {
    const spans = [];
    for (const match of title.matchAll(/[\p{L}\p{N}]+/gu)) {
      const word = words(match[0])[0] || "";
      const hit = asked.find((a) => word.startsWith(a) || (a.startsWith(word) && /\d/.test(a)) || (a.length > 3 && word.includes(a)));
      const from = hit ? match.index + Math.max(0, word.indexOf(hit)) : 0;
      if (hit) spans.push([from, Math.min(match.index + match[0].length, from + hit.length)]);
    }
    const parts = [];
    let end = 0;
    for (const [from, to] of spans) { parts.push(title.slice(end, from), make("mark", {}, title.slice(from, to))); end = to; }
    return [...parts, title.slice(end)];
  };
  const show = (box, query, most, level) => {
    const found = find(query);
    const asked = words(query);
    box.replaceChildren();
    const groups = Map.groupBy ? Map.groupBy(found, (entry) => entry.group) : found.reduce((m, e) => m.set(e.group, [...(m.get(e.group) || []), e]), new Map());
    for (const [name, entries] of groups) {
      const list = make("ul", {});
      for (const { url, title, note, layer } of entries.slice(0, most)) {
        const link = make("a", { href: new URL(url, root).href, className: layer ? `layer-${layer}` : "" }, make("span", { className: "found" }, ...marked(title, asked)), " ", make("small", {}, note));
        list.append(make("li", {}, link));
      }
      const more = entries.length > most ? ` (${most} of ${entries.length})` : "";
      box.append(make("section", {}, make(level, {}, name, make("small", {}, more)), list));
    }
    if (level === "h3" && found.length) {
      const all = new URL("search.html", root);
      all.searchParams.set("q", query);
      box.append(make("p", { className: "search-all" }, make("a", { href: all.href }, "All results on a page of their own")));
    }
    const text = !asked.length ? "" : found.length ? `${found.length} result${found.length > 1 ? "s" : ""}` : said ? "Nothing is found." : "Looking …";
    box.prepend(make("p", { className: "search-count", role: "status" }, text));
    return asked.length > 0;
  };

  const attach = (input) => {
    const page = document.getElementById("search-results");
    const form = input.form;
    const box = page || make("div", { className: "search-panel", hidden: true });
    if (!page) form.append(box);
    const open = (state) => { if (!page) box.hidden = !state; };
    const update = () => names && open(show(box, input.value, page ? 60 : 5, page ? "h2" : "h3"));
    let timer;
    input.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(update, 60); });
    input.addEventListener("focus", () => { if (box.hidden) update(); });
    form.addEventListener("keydown", (event) => {
      const links = [...box.querySelectorAll("a")];
      const at = links.indexOf(document.activeElement);
      if (event.key === "Escape") { input.focus(); open(false); }
      else if (event.key === "ArrowDown" && links.length && !box.hidden) { event.preventDefault(); links[Math.min(at + 1, links.length - 1)].focus(); }
      else if (event.key === "ArrowUp" && at >= 0) { event.preventDefault(); (links[at - 1] || input).focus(); }
    });
    if (!page) {
      form.addEventListener("focusout", (event) => { if (event.relatedTarget && !form.contains(event.relatedTarget)) open(false); });
      document.addEventListener("pointerdown", (event) => { if (!form.contains(event.target)) open(false); });
    } else {
      input.value = new URLSearchParams(location.search).get("q") || "";
      form.addEventListener("submit", (event) => { event.preventDefault(); history.replaceState(null, "", `?q=${encodeURIComponent(input.value)}`); update(); });
    }
    Promise.all([styled, ready]).then(update);
    Promise.all([styled, full]).then(update, () => {});
  };
  for (const input of document.querySelectorAll(".find input")) attach(input);
})();
