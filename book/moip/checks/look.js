/* What a visit asks of the page it is on. Put into every page before its own scripts. */
"use strict";
window.look ??= (() => {
  const shifts = [];
  let paint = 0;
  const name = (element) => {
    if (!(element instanceof Element)) return String(element?.nodeName ?? "");
    const parts = [];
    for (let e = element; e && e !== document.documentElement && parts.length < 4; e = e.parentElement) {
      if (e.id) { parts.unshift(`#${e.id}`); break; }
      const kind = [...e.classList].slice(0, 2).map((c) => `.${c}`).join("");
      parts.unshift(e.localName + kind);
    }
    return parts.join(" > ");
  };
  try {
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries())
        if (!entry.hadRecentInput) shifts.push({ value: entry.value, moved: (entry.sources || []).map((s) => name(s.node)) });
    }).observe({ type: "layout-shift", buffered: true });
    new PerformanceObserver((list) => { paint = list.getEntries().at(-1).startTime; })
      .observe({ type: "largest-contentful-paint", buffered: true });
  } catch { /* no script on this page, no observer */ }

  const pause = (ms) => new Promise((done) => setTimeout(done, ms));
  const frame = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  const visible = (element) => element.checkVisibility ? element.checkVisibility({ visibilityProperty: true }) && element.getClientRects().length > 0 : element.getClientRects().length > 0;
  const until = async (met, ms) => {
    const end = performance.now() + ms;
    while (!met() && performance.now() < end) await pause(15);
    return met();
  };
  const plots = () => [...document.querySelectorAll(".plot")];
  const pictures = () => plots().flatMap((plot) => [...plot.querySelectorAll(":scope > img")]).filter(visible);
  const figure = (element) => element.closest("figure")?.id || name(element);

  /* How many pixels of a picture differ from its commonest color, drawn 160 pixels wide; -1 when it cannot be read. */
  const drawn = (image) => {
    try {
      const canvas = document.createElement("canvas");
      canvas.width = 160;
      canvas.height = Math.max(1, Math.round((160 * image.naturalHeight) / image.naturalWidth));
      const pen = canvas.getContext("2d", { willReadFrequently: true });
      pen.drawImage(image, 0, 0, canvas.width, canvas.height);
      const pixels = new Uint32Array(pen.getImageData(0, 0, canvas.width, canvas.height).data.buffer);
      const counts = new Map();
      for (const pixel of pixels) counts.set(pixel, (counts.get(pixel) || 0) + 1);
      return pixels.length - Math.max(...counts.values());
    } catch { return -1; }
  };
  const fonts = (image, text) => {
    const picture = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
    const width = parseFloat(picture.getAttribute("width")) || image.naturalWidth;
    const scale = image.getBoundingClientRect().width / width;
    const sizes = [...picture.querySelectorAll("text")].filter((t) => t.textContent.trim())
      .map((t) => ({ px: parseFloat(t.style.fontSize || t.getAttribute("font-size")) * scale, text: t.textContent.trim() }))
      .filter((t) => t.px > 0).sort((a, b) => a.px - b.px);
    return sizes[0];
  };

  /* One element of each look: text color, size, weight, and what is painted behind it. */
  const looks = () => {
    const behind = new Map();
    const paint = (e) => {
      if (!e) return "";
      if (!behind.has(e)) {
        const { backgroundColor: color, backgroundImage: image, opacity } = getComputedStyle(e);
        const own = `${color} ${image} ${opacity}`;
        const opaque = image === "none" && opacity === "1" && color.startsWith("rgb(");
        behind.set(e, opaque ? own : `${own} | ${paint(e.parentElement)}`);
      }
      return behind.get(e);
    };
    const found = new Map();
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT, (n) => n.data.trim() ? NodeFilter.FILTER_ACCEPT : NodeFilter.FILTER_SKIP);
    while (walk.nextNode()) {
      const e = walk.currentNode.parentElement;
      if (e.closest("script, style, noscript, .live")) continue;
      const { color, fontSize, fontWeight, textDecorationLine } = getComputedStyle(e);
      const look = [e.localName === "a", color, fontSize, fontWeight, textDecorationLine, paint(e)].join(" ");
      if (!found.has(look) && visible(e)) found.set(look, e);
    }
    return [...found.values()];
  };

  return {
    /* axe's rules: those on color for one element of each look, all the others for the whole page when ``all``;
       room for a finger, which axe leaves out unless it is asked, among them. */
    async axe(colors, all) {
      const options = { resultTypes: ["violations"], preload: false };
      const answers = [await axe.run({ include: looks() }, { ...options, runOnly: { type: "rule", values: colors } })];
      if (all) answers.push(await axe.run(document, { ...options, rules: { "target-size": { enabled: true }, ...Object.fromEntries(colors.map((rule) => [rule, { enabled: false }])) } }));
      return answers.flatMap((answer) => answer.violations);
    },
    weight() {
      const entries = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")];
      return { bytes: entries.reduce((sum, e) => sum + e.transferSize, 0), requests: entries.length };
    },
    paint: () => paint,
    shift() {
      const sum = shifts.reduce((total, s) => total + s.value, 0);
      return { sum, moved: [...new Set(shifts.sort((a, b) => b.value - a.value).flatMap((s) => s.moved))].slice(0, 3) };
    },
    async calm() {
      await frame();
      await until(() => [...document.images].every((i) => i.loading === "lazy" || i.complete), 15000);
      await pause(60);
    },
    async scroll() {
      const step = Math.round(innerHeight * 1.5);
      for (let y = 0; y < document.documentElement.scrollHeight; y += step) {
        scrollTo({ top: y, behavior: "instant" });
        await frame();
      }
      await until(() => pictures().every((image) => image.complete), 15000);
      scrollTo({ top: 0, behavior: "instant" });
      await frame();
    },
    /* A few places of the page that others link to: of each kind the one in the middle. */
    anchors() {
      const kinds = ["section section[id]", "figure[id^=fig-]", "figure[id^=tbl-]", "tr[id]", ".citation[id]", "dt[id]"];
      const picked = kinds.map((kind) => {
        const all = [...document.querySelectorAll(`article ${kind}`)];
        return all[all.length >> 1];
      });
      return [...new Set(picked.filter(Boolean).map((e) => e.id))];
    },
    /* How far from the top of the screen the place is where a reader came by a link to it; 0 if the page ends on the screen. */
    async landed(id) {
      await this.calm();
      await pause(100);
      const target = document.getElementById(id), room = document.documentElement;
      const top = target.getBoundingClientRect().top;
      return top > 0 && top < innerHeight && scrollY + innerHeight > room.scrollHeight - 2 ? 0 : top;
    },
    /* Every picture that a reader would see: does it draw? */
    async pictures() {
      const shown = pictures();
      for (const image of shown) image.loading = "eager";
      await until(() => shown.every((image) => image.complete), 15000);
      return {
        empty: plots().filter((plot) => !pictures().some((image) => plot.contains(image))).map(figure),
        shown: shown.map((image) => ({
          figure: figure(image), kind: image.className, src: image.currentSrc || image.src,
          loaded: image.complete && image.naturalWidth > 0, drawn: image.naturalWidth > 0 ? drawn(image) : 0,
        })),
      };
    },
    sources: () => pictures().map((image) => image.currentSrc || image.src),
    /* The smallest letters of each shown picture; the page may not fetch, so the texts of the pictures come along. */
    smallest: (texts) => pictures().flatMap((image, i) => {
      const least = fonts(image, texts[i]);
      return least ? [{ figure: figure(image), ...least }] : [];
    }),
    plots: () => plots().map((plot) => ({ figure: figure(plot), height: plot.getBoundingClientRect().height, drawn: plot.dataset.drawn !== "0" })),
    place(number) {
      const plot = plots()[number];
      plot.scrollIntoView({ block: "center", behavior: "instant" });
      const box = plot.getBoundingClientRect();
      return { x: box.x + box.width / 2, y: Math.max(box.y, 0) + Math.min(box.height, innerHeight) / 2 };
    },
    focus(number) {
      const button = plots()[number].querySelector("button.explore");
      button?.focus({ preventScroll: true });
      return Boolean(button) && document.activeElement === button;
    },
    async alive(number, ms) {
      const plot = plots()[number];
      const svg = () => plot.querySelector(".live .main-svg");
      await until(() => plot.dataset.state === "live" && svg(), ms);
      await frame();
      return look.live(number);
    },
    live(number) {
      const plot = plots()[number];
      const box = plot.getBoundingClientRect();
      const svg = plot.querySelector(".live .main-svg");
      const marks = [...plot.querySelectorAll(".live .main-svg :is(path, text, image, circle)")].filter((e) => {
        const box = e.getBoundingClientRect();
        return box.width + box.height > 1;
      });
      const texts = [...plot.querySelectorAll(".live .main-svg text")].filter((t) => t.textContent.trim())
        .map((t) => parseFloat(getComputedStyle(t).fontSize));
      return { figure: figure(plot), state: plot.dataset.state || "still", svg: Boolean(svg), marks: marks.length,
        width: box.width, drawnWidth: svg?.getBoundingClientRect().width, height: box.height, smallest: texts.length ? Math.min(...texts) : null };
    },
    /* The live figures after the window became narrow. */
    async narrowed(ms) {
      const lives = plots().map((plot, i) => i).filter((i) => plots()[i].dataset.state === "live");
      const seen = [];
      for (const i of lives) {  // a section off the screen is not laid out, so each is looked at in its turn
        plots()[i].scrollIntoView({ block: "center" });
        await until(() => { const p = look.live(i); return p.width > 0 && Math.abs(p.width - p.drawnWidth) < 1.5; }, ms);
        seen.push(look.live(i));
      }
      return seen;
    },
    colors: () => plots().map((plot) => {
      const found = new Set();
      for (const element of plot.querySelectorAll(".live .main-svg [style]"))
        for (const part of ["fill", "stroke"]) found.add(element.style[part]);
      return [...found].sort().join(" ");
    }),
    async recolored(before, ms) {
      await until(() => look.colors().every((now, i) => !before[i] || now !== before[i]), ms);
      return plots().map((plot, i) => ({ figure: figure(plot), same: Boolean(before[i]) && look.colors()[i] === before[i] }))
        .filter((p) => p.same).map((p) => p.figure);
    },
    theme: () => document.documentElement.dataset.theme || "",
    explored: () => [...document.querySelectorAll("table[data-explore]")].map((table) => {
      const rows = [...table.tBodies[0].rows];
      const input = table.closest("figure")?.querySelector("input[type=search]");
      const say = (words) => {
        if (!input) return null;
        input.value = words;
        input.dispatchEvent(new Event("input", { bubbles: true }));
        return rows.filter(visible).length;
      };
      const left = say("zqxj"), back = say("");
      const head = table.tHead?.rows[0]?.cells[0];
      head?.querySelector("button")?.click();
      const first = [...table.tBodies[0].rows].map((r) => (r.cells[0].firstChild?.textContent || "").trim());
      const sorted = head?.getAttribute("aria-sort") === "ascending" && first.every((t, i) => !i || first[i - 1].localeCompare(t, "en", { numeric: true }) <= 0);
      return { name: figure(table), rows: rows.length, left, back, sorted };
    }),
    wide() {
      const limit = document.documentElement.clientWidth;
      const width = document.documentElement.scrollWidth;
      const inside = (e) => { /* what scrolls or is cut in a box of its own widens nothing */
        for (let p = e.parentElement; p && p !== document.body; p = p.parentElement)
          if (getComputedStyle(p).overflowX !== "visible") return true;
        return false;
      };
      const out = width <= limit ? [] : [...document.body.querySelectorAll("*")]
        .filter((e) => e.getBoundingClientRect().right > limit + 0.5 && visible(e) && !inside(e))
        .sort((a, b) => b.getBoundingClientRect().right - a.getBoundingClientRect().right).slice(0, 3).map(name);
      return { width, out: [...new Set(out)] };
    },
    /* Code has thousands of words in a dozen colors, tables hundreds of cells of one kind, and axe takes a millisecond for each:
       leave it one word of each color in a block of code, and the first rows of a table. */
    thin() {
      for (const code of document.querySelectorAll("main pre")) {
        const seen = new Set();
        for (const word of code.querySelectorAll("span[class]")) {
          if (seen.has(word.className) && !word.id) word.replaceWith(...word.childNodes);
          seen.add(word.className);
        }
        code.normalize();
      }
      for (const row of document.querySelectorAll("main tbody tr:nth-child(n + 9)")) if (!row.querySelector("[id]")) row.remove();
    },
    typing: () => document.activeElement?.matches(".find input") === true,
    chosen: () => document.activeElement?.matches(".search-panel a") === true,
    open() {
      for (const details of document.querySelectorAll("main details")) details.open = true;
    },
    menu() {
      const nav = document.querySelector("#book-nav");
      if (!nav) return { there: false };
      const box = nav.getBoundingClientRect();
      const links = [...nav.querySelectorAll("a")].filter(visible);
      return { there: true, open: nav.matches(":popover-open"), links: links.length, inside: box.left >= -1 && box.right <= innerWidth + 1,
        /* where a finger finds the page beside the open contents, and nothing there that would answer it */
        beside: box.right >= innerWidth - 24 ? null : [...Array(40).keys()]
          .map((i) => ({ x: (box.right + innerWidth) / 2, y: ((i + 0.5) * innerHeight) / 40 }))
          .find(({ x, y }) => !document.elementFromPoint(x, y)?.closest("a, button, input, summary, .plot")) };
    },
    /* What paper would cut off at its right edge, what it shows that only a screen can use, and whether its words are dark. */
    paper() {
      const limit = document.documentElement.clientWidth;
      const cut = [...document.querySelectorAll("article *")]
        .filter((e) => e.getBoundingClientRect().right > limit + 1.5 && visible(e) && !e.closest("svg, .plot")).slice(0, 3).map(name);
      const idle = [...document.querySelectorAll("button:not(.sort), input, select, nav, header.top, footer")].filter(visible).slice(0, 3).map(name);
      const [r, g, b] = getComputedStyle(document.querySelector("article")).color.match(/[\d.]+/g).map(Number);
      return { cut: [...new Set(cut)], idle, dark: (r + g + b) / 3 < 100 };
    },
    printed() {
      return plots().filter((plot) => plot.dataset.drawn !== "0").filter((plot) => {
        const images = [...plot.querySelectorAll(":scope > img")].filter(visible);
        const live = plot.querySelector(".live");
        return images.length !== 1 || !images[0].classList.contains("light") || (live && visible(live));
      }).map(figure);
    },
    /* What a reader without JavaScript sees. No promise or timer runs here. */
    plain() {
      const main = document.querySelector("main");
      const shown = pictures();
      return {
        heading: [...document.querySelectorAll("h1")].filter(visible).map((h) => h.textContent.trim()).join(" "),
        words: (main?.innerText || "").trim().split(/\s+/).length,
        empty: plots().filter((plot) => !shown.some((image) => plot.contains(image)) && !plot.querySelector(".plot-wait")?.innerText.trim()).map(figure),
        broken: shown.filter((image) => !(image.complete && image.naturalWidth > 0)).map(figure),
        dark: shown.filter((image) => image.classList.contains("dark")).map(figure),
        tables: [...document.querySelectorAll("figure.moip-table-figure")].filter((f) => ![...f.querySelectorAll("td, th")].some(visible)).map((f) => f.id),
        links: [...document.querySelectorAll("#book-nav a")].filter(visible).length,
      };
    },
  };
})();
