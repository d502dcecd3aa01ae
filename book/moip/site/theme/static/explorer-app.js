/* The explorer of stacks: choose members and values, see what is left, which stacks they are and what decided each value.
   It asks explorer-engine.js, in a Web Worker where there is one. What is chosen stands in the page's address. */
"use strict";
(() => {
  const MORE = 12;
  const element = (tag, properties = {}, ...children) => {
    const { data, aria, ...own } = properties;
    const made = Object.assign(document.createElement(tag), own);
    Object.assign(made.dataset, data);
    for (const [name, value] of Object.entries(aria ?? {})) made.setAttribute(`aria-${name}`, value);
    made.append(...children.filter((child) => child !== null));
    return made;
  };
  const grouped = (number) => number.toLocaleString("en");
  const short = (number) => number < 1000 ? String(number) : new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 3 }).format(number).toLowerCase();
  const plural = (count, word) => `${grouped(count)} ${word}${count === 1 ? "" : "s"}`;

  /* ---- values, as moip/model/properties.py and stacks.py say them ---- */
  const IDENTITY = { minimum: Infinity, maximum: 0, sum: 0, product: 1, complement: 0 };
  const exact = (value) => {
    if (Math.abs(value) >= 1e6 && !Number.isInteger(value)) return grouped(Math.round(value));
    return Number(value.toPrecision(10)).toLocaleString("en", { maximumFractionDigits: 20 });
  };
  const label = (property, token, value) => {
    if (property.words[token]) return property.words[token];
    if (value === null) return "unknown";
    if (value >= 1e5) return short(value);
    return Number(value.toPrecision(4)).toLocaleString("en", { maximumFractionDigits: 20 });
  };
  const show = (catalog, property, value) => {
    if (value === null) return "unknown";
    if (property.operation === "union") return value.map((kind) => catalog.kinds[kind]).sort().join(", ") || "none";
    const word = property.words[value === Infinity ? "inf" : String(value)];
    return word ?? (value === Infinity ? "none" : `${exact(value)}${property.unit === "fraction" ? "" : ` ${property.unit}`}`);
  };
  const own = (catalog, member, p) => {
    const { operation } = catalog.properties[p], pair = catalog.members[member].values[p];
    if (!pair) return { value: operation === "union" ? [] : IDENTITY[operation], basis: "" };
    return { value: pair[0] === "inf" ? Infinity : pair[0], basis: pair[1] };
  };
  const deciding = (catalog, members, p, result) => {
    const { operation, absorbing } = catalog.properties[p];
    const absorbed = absorbing !== null && result === (absorbing === "inf" ? Infinity : absorbing);
    return members.filter((member) => {
      const { value } = own(catalog, member, p);
      if (value === null) return result === null;
      if (operation === "union" ? !value.length : value === IDENTITY[operation]) return false;
      return absorbed || operation === "minimum" || operation === "maximum" ? value === result : true;
    });
  };

  /* ---- the engine, in a worker or in the page ---- */
  function connect(engine, catalog, script) {
    return new Promise((ready, fail) => {
      const inPage = () => script(engine).then(() => {
        const all = window.moipStacks(catalog);
        ready([all, (question) => Promise.resolve(all.query(question))]);
      }, fail);
      let worker;
      try { worker = new Worker(engine); } catch { inPage(); return; }
      const waiting = new Map();
      let id = 0;
      const ask = (message) => new Promise((done) => { waiting.set(++id, done); worker.postMessage({ id, ...message }); });
      worker.onmessage = ({ data }) => { waiting.get(data.id)(data.answer); waiting.delete(data.id); };
      worker.onerror = () => { worker.terminate(); if (id === 1) inPage(); };
      ask({ catalog }).then((all) => ready([all, (question) => ask({ question })]));
    });
  }

  async function explore(box, engine, script) {
    const { catalog } = window.moip;
    const register = box.querySelector("a.explorer-register").href;
    const { members, properties, slots } = catalog;
    const count = element("output", { className: "ex-count", textContent: "Finding every stack …" });
    box.classList.add("ex-open");
    const bar = element("div", { className: "ex-bar-top" }, count);
    box.replaceChildren(bar);
    const [all, ask] = await connect(engine, catalog, script);
    if (all.size !== Number(box.dataset.stacks)) console.error(`the page says ${box.dataset.stacks} stacks, the catalog gives ${all.size}`);
    const dims = new Map(all.dims.map((dim, d) => [dim.key, { ...dim, d }]));
    const filters = new Map();
    let by = "", per = "rail", from = 0;

    /* ---- wishes ---- */
    const wishes = catalog.wishes.map((wish) => {
      const allowed = new Map();
      for (const [p, relation, number] of wish.conditions) {
        const limit = number === "inf" ? Infinity : number, { key } = properties[p];
        const holds = { "at least": (v) => v >= limit, "at most": (v) => v <= limit, below: (v) => v < limit }[relation];
        allowed.set(key, dims.get(key).bins.filter(({ value }) => value !== null && holds(value)).map(({ token }) => token));
      }
      const button = element("button", { type: "button", className: "ex-wish", textContent: wish.words, data: { wish: wish.key }, aria: { pressed: "false" } });
      const met = () => [...allowed].every(([key, tokens]) => filters.has(key) && [...filters.get(key)].every((token) => tokens.includes(token)));
      button.addEventListener("click", () => {
        const was = met();
        for (const [key, tokens] of allowed) if (was) filters.delete(key); else filters.set(key, new Set(tokens));
        change();
      });
      return { button, met, words: wish.words, keys: [...allowed.keys()] };
    });

    /* ---- members: one choice a slot, layer 5 on top as in a stack ---- */
    const selects = new Map();
    const rows = [...catalog.layers].map((name, i) => {
      const layer = i + 1, own = slots.filter((slot) => slot.layer === layer && slot.choices.length > 1);
      const fields = own.map((slot) => {
        const select = element("select", { data: { slot: slot.key } }, new Option("", ""), ...dims.get(slot.key).bins.map(({ token }) => new Option("", token)));
        select.addEventListener("change", () => {
          if (select.value) filters.set(slot.key, new Set([select.value])); else filters.delete(slot.key);
          change();
        });
        selects.set(slot.key, select);
        return element("label", {}, element("span", { textContent: slot.words }), select);
      });
      return element("div", { className: `ex-layer layer-${layer}`, role: "group", aria: { label: `Layer ${layer}, ${name}` } }, element("span", { className: "ex-layer-name", textContent: `${layer} ${name}`, aria: { hidden: "true" } }), element("div", { className: "ex-fields" }, ...fields));
    }).reverse();

    /* ---- properties: a column a value, to be pressed, or brushed by drawing across ---- */
    const bars = new Map();
    const card = (p) => {
      const property = properties[p], { bins } = dims.get(property.key);
      const buttons = bins.map(({ token, value }) => {
        const text = label(property, token, value);
        return element("button", { type: "button", className: `ex-col${value === null ? " ex-unknown" : ""}`, data: { token } },
          element("span", { className: "ex-n" }), element("span", { className: "ex-box" }, element("i")), element("span", { className: "ex-v", textContent: text }));
      });
      const strip = element("div", { className: "ex-cols", role: "group", aria: { label: `${property.name}${property.unit && property.unit !== "fraction" ? `, ${property.unit}` : ""}` } }, ...buttons);
      brush(strip, buttons, property.key, bins);
      bars.set(property.key, { buttons, strip, property });
      const unit = property.unit && !["fraction", "parties"].includes(property.unit) ? ` (${property.unit})` : "";
      return element("div", { className: "ex-card", data: { property: property.key } },
        element("p", { className: "ex-name" }, property.name, element("span", { className: "ex-unit", textContent: unit }), element("small", { textContent: property.question })), strip);
    };
    function brush(strip, buttons, key, bins) {
      let start = -1, drawn = false;
      const at = (x) => {
        const inside = buttons.findIndex((button) => x < button.getBoundingClientRect().right);
        return inside < 0 ? buttons.length - 1 : inside;
      };
      strip.addEventListener("pointerdown", (event) => { if (event.isPrimary && !event.button) { start = at(event.clientX); drawn = false; } });
      strip.addEventListener("pointermove", (event) => {
        if (start < 0 || !event.isPrimary) return;
        const now = at(event.clientX);
        if (now === start && !drawn) return;
        if (!drawn) { drawn = true; strip.setPointerCapture(event.pointerId); }
        const [low, high] = [Math.min(start, now), Math.max(start, now)];
        filters.set(key, new Set(bins.slice(low, high + 1).map(({ token }) => token)));
        change();
      });
      for (const end of ["pointerup", "pointercancel"]) addEventListener(end, () => { start = -1; });
      strip.addEventListener("click", (event) => {
        const button = event.target.closest(".ex-col");
        if (drawn || !button) { drawn = false; return; }
        const tokens = filters.get(key) ?? new Set();
        const { token } = button.dataset;
        if (tokens.has(token)) tokens.delete(token); else tokens.add(token);
        if (tokens.size && tokens.size < bins.length) filters.set(key, tokens); else filters.delete(key);
        change();
      });
    }
    const wide = matchMedia("(min-width: 48rem)").matches;
    const groups = catalog.groups.map(([name, list], i) => {
      const mark = element("span", { className: "ex-mark" });
      const details = element("details", { className: "ex-group", open: wide || i === 0 }, element("summary", {}, name, mark), element("div", { className: "ex-cards" }, ...list.map(card)));
      return { details, mark, keys: list.map((p) => properties[p].key) };
    });

    /* ---- results ---- */
    const option = ([value, text]) => new Option(text, value);
    const bySelect = element("select", { data: { control: "by" } }, ...[["", "least unknown first"], ...catalog.groups.flatMap(([, list]) => list.map((p) => [properties[p].key, `best ${properties[p].name} first`]))].map(option));
    const perSelect = element("select", { data: { control: "per" } }, ...[...slots].reverse().filter((slot) => slot.choices.length > 1).map((slot) => [slot.key, `one for each ${slot.words}`]).concat([["", "every stack"]]).map(option));
    perSelect.value = per;
    bySelect.addEventListener("change", () => { by = bySelect.value; change(); });
    perSelect.addEventListener("change", () => { per = perSelect.value; change(); });
    const list = element("ol", { className: "ex-list" });
    const none = element("div", { className: "ex-none", hidden: true });
    const more = element("button", { type: "button", className: "ex-more", textContent: "Show more", hidden: true });
    more.addEventListener("click", () => { from += MORE; refresh(true); });

    const stack = ({ row, count: alike, members: chosen, values }) => {
      const down = [...chosen].sort((a, b) => members[b].layer - members[a].layer);
      const names = element("span", { className: "ex-names" }, ...down.map((m) => element("span", { className: `layer-${members[m].layer}`, textContent: members[m].name })));
      const group = per && slots.find((slot) => slot.key === per);
      const head = group ? chosen.find((m) => group.choices.includes(m)) : null;
      const p = properties.findIndex(({ key }) => key === by);
      const note = [group ? `first of ${grouped(alike)}` : null, p >= 0 ? `${properties[p].name}: ${show(catalog, properties[p], values[p])}` : null].filter(Boolean).join(", ");
      const summary = element("summary", {}, head !== null || group ? element("strong", { textContent: head === undefined || head === null ? "none" : members[head].name }) : null, note ? element("small", { textContent: note }) : null, names);
      const details = element("details", { data: { row } }, summary);
      details.addEventListener("toggle", () => { if (details.open && details.childElementCount === 1) details.append(...inside(down, chosen, values)); });
      return element("li", {}, details);
    };
    const inside = (down, chosen, values) => {
      const lines = catalog.groups.flatMap(([, group]) => group).map((p) => {
        const decided = deciding(catalog, down, p, values[p]);
        const who = decided.flatMap((m, i) => {
          const { basis } = own(catalog, m, p);
          const link = element("a", { href: `${register}#${members[m].technology}`, textContent: members[m].name });
          return [i ? ", " : "", link, basis === "j" ? element("span", { className: "ex-judged", textContent: " (judgment)" }) : ""];
        });
        return element("tr", { data: { property: properties[p].key } }, element("th", { scope: "row", textContent: properties[p].name }), element("td", { textContent: show(catalog, properties[p], values[p]) }), element("td", {}, ...(who.length ? who : ["–"])));
      });
      const head = element("thead", {}, element("tr", {}, ...["Property", "Value", "Decided by"].map((text) => element("th", { scope: "col", textContent: text }))));
      const file = `members: [${chosen.map((m) => members[m].key).join(", ")}]`;
      const pin = element("button", { type: "button", textContent: "Choose these members" });
      pin.addEventListener("click", () => {
        for (const slot of slots) {
          const own = chosen.find((m) => slot.choices.includes(m));
          if (slot.choices.length > 1) filters.set(slot.key, new Set([own === undefined ? "-" : members[own].key]));
        }
        change();
        bar.scrollIntoView();
      });
      return [
        element("div", { className: "table-scroll", role: "region", tabIndex: 0, aria: { label: "Properties of this stack" } }, element("table", {}, head, element("tbody", {}, ...lines))),
        element("p", { className: "ex-file" }, "As a file for ", element("code", { textContent: "python -m moip stack" }), ":"), element("pre", { tabIndex: 0 }, element("code", { textContent: file })), pin,
      ];
    };

    /* What to give up when nothing is left, and what the chosen members still need. */
    const named = (key) => {
      const wish = wishes.find(({ keys, met }) => keys.length === 1 && keys[0] === key && met());
      if (wish) return wish.words;
      const tokens = [...filters.get(key)], bar = bars.get(key);
      if (bar) return `${bar.property.name}: ${tokens.map((token) => label(bar.property, token, dims.get(key).bins.find((b) => b.token === token).value)).join(" or ")}`;
      const slot = slots.find((one) => one.key === key);
      return `${slot.words}: ${tokens.map((token) => (token === "-" ? "none" : members.find((m) => m.key === token).name)).join(" or ")}`;
    };
    const unmet = () => {
      const chosen = [], free = new Set();
      for (const slot of slots) {
        const tokens = slot.choices.length > 1 ? filters.get(slot.key) : null;
        if (tokens) chosen.push(...slot.choices.filter((m) => m >= 0 && tokens.has(members[m].key)));
        else if (slot.choices.length > 1) slot.choices.forEach((m) => m >= 0 && free.add(m)); else chosen.push(...slot.choices);
      }
      const offered = (list, service) => [...list].filter((m) => members[m].offers.includes(service));
      return chosen.flatMap((m) => members[m].needs.filter((service) => !offered(chosen, service).length && !offered(free, service).length)
        .map((service) => `${members[m].name} needs ${catalog.services[service][2]}, which ${members.filter((one) => one.offers.includes(service)).slice(0, 3).map((one) => one.name).join(", ")} would offer.`));
    };
    const explain = (answer) => {
      const ways = [...filters.keys()].map((key) => [key, answer.counts[dims.get(key).d].reduce((sum, n) => sum + n, 0)]).filter(([, gain]) => gain).sort((a, b) => b[1] - a[1]);
      const buttons = ways.map(([key, gain]) => {
        const button = element("button", { type: "button", data: { drop: key }, textContent: `${named(key)} (${plural(gain, "stack")})` });
        button.addEventListener("click", () => { filters.delete(key); change(); });
        return element("li", {}, button);
      });
      const missing = unmet();
      none.replaceChildren(
        element("p", {}, element("strong", { textContent: "No well-formed stack has all of this. " }), ways.length ? "Give up one of these, and some are left:" : `Giving up one choice is not enough: the nearest ${plural(answer.near, "stack")} miss ${answer.least} of them.`),
        ways.length ? element("ul", { className: "ex-ways" }, ...buttons) : "", ...missing.map((text) => element("p", { className: "ex-unmet", textContent: text })));
    };

    /* ---- what is chosen, in the address ---- */
    const address = () => {
      const query = new URLSearchParams();
      for (const [key, tokens] of filters) query.set(key, [...tokens].join(","));
      if (by) query.set("by", by);
      if (per !== "rail") query.set("per", per || "all");
      return `#stacks?${query.toString().replaceAll("%2C", ",")}`;
    };
    const follow = () => {
      const query = new URLSearchParams(location.hash.slice("#stacks?".length));
      filters.clear();
      for (const [key, text] of query) {
        const dim = dims.get(key), tokens = text.split(",").filter((token) => dim?.bins.some((b) => b.token === token));
        if (tokens.length) filters.set(key, new Set(tokens));
      }
      by = properties.some(({ key }) => key === query.get("by")) ? query.get("by") : "";
      per = query.get("per") === "all" ? "" : selects.has(query.get("per")) ? query.get("per") : "rail";
      bySelect.value = by;
      perSelect.value = per;
    };

    /* ---- ask, and show the answer; while one is under way only the newest question waits ---- */
    let busy = false, again = false;
    async function refresh(append = false) {
      if (busy) { again = true; return; }
      busy = true;
      box.setAttribute("aria-busy", "true");
      if (!append) from = 0;
      const answer = await ask({ filters: Object.fromEntries([...filters].map(([key, tokens]) => [key, [...tokens]])), by, per, from, limit: per ? 99 : MORE });
      busy = false;
      if (again) { again = false; refresh(); return; }
      box.removeAttribute("aria-busy");
      render(answer, append);
    }
    function change() {
      history.replaceState(null, "", filters.size || by || per !== "rail" ? address() : location.pathname + location.search);
      refresh();
    }
    function render(answer, append) {
      count.textContent = filters.size ? `${grouped(answer.total)} of ${plural(all.size, "stack")}` : `All ${plural(all.size, "stack")}`;
      reset.disabled = !filters.size;
      for (const { button, met } of wishes) button.setAttribute("aria-pressed", met());
      for (const [key, select] of selects) {
        const { d, bins } = dims.get(key), counts = answer.counts[d], chosen = filters.get(key);
        const sum = counts.reduce((total, n) => total + n, 0);
        [...select.options].forEach((option, i) => {
          const { token } = bins[i - 1] ?? {};
          option.textContent = i ? `${token === "-" ? "none" : members.find((m) => m.key === token).name} · ${grouped(counts[i - 1])}` : `any · ${grouped(sum)}`;
        });
        select.value = chosen ? [...chosen][0] : "";
        select.classList.toggle("ex-chosen", Boolean(chosen));
      }
      for (const [key, { buttons, strip, property }] of bars) {
        const { d, bins } = dims.get(key), counts = answer.counts[d], chosen = filters.get(key), most = Math.max(1, ...counts);
        strip.classList.toggle("ex-filtered", Boolean(chosen));
        buttons.forEach((button, i) => {
          const [number, box] = button.children;
          number.textContent = short(counts[i]);
          box.firstChild.style.height = counts[i] ? `max(2px, ${((100 * counts[i]) / most).toFixed(1)}%)` : "0";
          button.setAttribute("aria-pressed", Boolean(chosen?.has(bins[i].token)));
          button.setAttribute("aria-label", `${label(property, bins[i].token, bins[i].value)}: ${plural(counts[i], "stack")}`);
          button.classList.toggle("ex-zero", !counts[i]);
        });
      }
      for (const { mark, keys } of groups) {
        const active = keys.filter((key) => filters.has(key)).length;
        mark.textContent = active ? plural(active, "filter") : "";
      }
      none.hidden = answer.total > 0;
      if (!answer.total) explain(answer);
      const items = answer.rows.map(stack);
      if (append) list.append(...items); else list.replaceChildren(...items);
      more.hidden = !answer.more;
    }

    const reset = element("button", { type: "button", className: "ex-reset", textContent: "Start over", disabled: true });
    reset.addEventListener("click", () => { filters.clear(); change(); });
    const copy = element("button", { type: "button", className: "ex-copy", textContent: "Copy link" });
    copy.addEventListener("click", async () => {
      const link = new URL(address(), location.href).href;
      try { await navigator.clipboard.writeText(link); copy.textContent = "Copied"; } catch { history.replaceState(null, "", link); copy.textContent = "It is in the address bar"; }
      setTimeout(() => { copy.textContent = "Copy link"; }, 2000);
    });
    bar.append(reset, copy);
    const heading = (text, small) => element("h3", { className: "ex-heading" }, text, element("small", { textContent: small }));
    const body = element("div", { className: "ex-body" },
      heading("Wishes", "Press what you want; press again to drop it."),
      element("div", { className: "ex-wishes", role: "group", aria: { label: "Wishes" } }, ...wishes.map(({ button }) => button)),
      heading("Members", "One choice in each place. The number says how many stacks it would leave."),
      element("div", { className: "ex-stack" }, ...rows),
      heading("Properties", "Better values to the right. Press columns, or draw across several, to keep these alone."),
      ...groups.map(({ details }) => details),
      heading("Stacks", "Open one to see its properties and who decided each. Equals stand in the order of the catalog."),
      element("div", { className: "ex-controls" }, element("label", {}, element("span", { textContent: "Order" }), bySelect), element("label", {}, element("span", { textContent: "Show" }), perSelect)),
      none, list, more);
    box.append(body);
    addEventListener("hashchange", () => { if (location.hash.startsWith("#stacks?")) { follow(); refresh(); } });
    if (location.hash.startsWith("#stacks?")) follow();
    await refresh();
  }

  window.moip.explore = explore;
})();
