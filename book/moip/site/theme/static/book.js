/* The book's one script: color mode, figures that come alive when a reader reaches for them, tables, copying, the way to the search.
   Pages are complete without it. */
"use strict";
(() => {
  const root = document.documentElement;
  const palette = /*palette*/{}/*end*/;
  const dark = () => root.dataset.theme === "dark";
  const store = (mode) => { try { localStorage.setItem("mode", mode); } catch { /* private window */ } };

  /* ---- color mode: auto, light, dark ---- */
  const system = matchMedia("(prefers-color-scheme: dark)");
  const modes = ["auto", "light", "dark"];
  const apply = (mode) => {
    root.dataset.mode = mode;
    root.dataset.theme = mode === "auto" ? (system.matches ? "dark" : "light") : mode;
    for (const button of document.querySelectorAll("button.mode")) {
      button.firstElementChild.textContent = `Color mode: ${mode}`;
      button.title = `Color mode: ${mode}`;
    }
    for (const plot of document.querySelectorAll(".plot[data-live]")) draw(plot);
  };
  system.addEventListener("change", () => apply(root.dataset.mode || "auto"));

  /* ---- figures ---- */
  const stored = {};
  const scripts = {};
  const load = (src) => scripts[src] ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = src;
    script.onload = resolve;
    script.onerror = () => { delete scripts[src]; reject(new Error(`could not load ${src}`)); };
    document.head.append(script);
  });
  window.moip = { figure(hash, figure) { stored[hash] = figure; } };

  const recolor = (value) => {
    if (!dark()) return value;
    return JSON.parse(JSON.stringify(value).replace(/#[0-9a-f]{6}\b/gi, (c) => palette[c.toLowerCase()] || c));
  };
  const narrow = () => matchMedia("(max-width: 560px)").matches;
  const plotly = () => load(new URL("_static/plotly.min.js", new URL(root.dataset.content_root, location.href)).href);

  async function draw(plot) {
    const figure = stored[plot.dataset.figure];
    const layout = recolor(narrow() ? figure.narrow : figure.wide);
    const box = plot.getBoundingClientRect();
    plot.moipWidth = plot.clientWidth;
    const live = plot.querySelector(".live") || document.createElement("div");
    live.className = "live";
    live.style.height = `${box.height}px`;
    if (!live.parentNode) plot.append(live);
    await Plotly.react(live, recolor(figure.data), { ...layout, width: box.width, height: box.height },
      { displaylogo: false, displayModeBar: layout.dragmode ? "hover" : false, modeBarButtonsToRemove: ["select2d", "lasso2d", "autoScale2d"] });
  }
  /* tells of a new width when the figure is on the screen; a section off it is not laid out */
  const widths = new ResizeObserver((changed) => {
    for (const { target } of changed) if (target.clientWidth && target.clientWidth !== target.moipWidth) draw(target);
  });
  async function wake(plot) {
    if (plot.dataset.state) return;
    plot.dataset.state = "loading";
    try {
      await Promise.all([plotly(), load(new URL(plot.dataset.src, location.href).href)]);
      await draw(plot);
      plot.dataset.live = "";
      plot.dataset.state = "live";
      widths.observe(plot);
    } catch (error) {
      delete plot.dataset.state;
      console.error(error);
    }
  }
  const watch = () => {
    const plots = [...document.querySelectorAll(".plot")];
    const near = new IntersectionObserver((seen) => {
      for (const { isIntersecting, target } of seen) if (isIntersecting) { near.unobserve(target); wake(target); }
    }, { rootMargin: "200px" });
    for (const plot of plots) {
      if (plot.dataset.drawn === "0") { near.observe(plot); continue; }
      const button = document.createElement("button");
      button.type = "button";
      button.className = "explore";
      button.textContent = "Explore";
      button.title = "Make this figure interactive";
      button.addEventListener("click", () => wake(plot));
      plot.append(button);
      plot.addEventListener("pointerenter", (event) => { if (event.pointerType === "mouse") wake(plot); });
      plot.addEventListener("pointerup", () => wake(plot));
    }
    addEventListener("beforeprint", () => {
      for (const image of document.querySelectorAll(".plot img")) image.loading = "eager";
    });
  };

  /* ---- where the reader is ---- */
  const follow = () => {
    const links = new Map([...document.querySelectorAll(".page-toc a[href^='#']")].map((a) => [a.hash.slice(1), a]));
    const sections = [...document.querySelectorAll("article section[id]")].filter((s) => links.has(s.id));
    const visible = new Set();
    const seen = new IntersectionObserver((entries) => {
      for (const { isIntersecting, target } of entries) visible[isIntersecting ? "add" : "delete"](target.id);
      const here = sections.filter((s) => visible.has(s.id)).pop();
      if (here) for (const [id, link] of links) link.toggleAttribute("aria-current", id === here.id);
    }, { rootMargin: "-100px 0px -70% 0px" });
    sections.forEach((s) => seen.observe(s));
  };

  /* ---- tables that can be searched, filtered and sorted ---- */
  const explorable = () => {
    const near = new IntersectionObserver((seen) => {
      for (const { isIntersecting, target } of seen) if (isIntersecting) { near.unobserve(target); explore(target.querySelector("table")); }
    });
    for (const table of document.querySelectorAll("table[data-explore]")) near.observe(table.closest(".table-scroll"));
  };
  const explore = (table) => {
    table.dataset.whole = "";
    const heads = [...table.tHead.rows[0].cells];
    const rows = [...table.tBodies[0].rows];
    const text = (row, i) => (row.cells[i].firstChild?.textContent || "").trim();
    const bar = table.closest(".table-scroll").previousElementSibling;
    const search = Object.assign(document.createElement("input"), { type: "search", placeholder: "Find in this table" });
    search.setAttribute("aria-label", "Find in this table");
    bar.append(search);
    const filters = JSON.parse(table.dataset.explore).map((name) => {
      const column = heads.findIndex((h) => h.textContent.trim() === name);
      const select = document.createElement("select");
      select.setAttribute("aria-label", `Show by ${name}`);
      const values = [...new Set(rows.map((r) => text(r, column)))].sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
      select.append(new Option(`${name}: all`, ""), ...values.map((v) => new Option(v, v)));
      bar.append(select);
      return [column, select];
    });
    const count = Object.assign(document.createElement("output"), { className: "explore-count" });
    bar.append(count);
    const show = () => {
      const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      for (const row of rows) {
        const hay = row.textContent.toLowerCase();
        row.hidden = !words.every((w) => hay.includes(w)) || filters.some(([i, s]) => s.value && text(row, i) !== s.value);
        shown += !row.hidden;
      }
      count.textContent = `${shown} of ${rows.length} rows`;
    };
    search.addEventListener("input", show);
    for (const [, select] of filters) select.addEventListener("change", show);
    heads.forEach((head, i) => {
      const button = Object.assign(document.createElement("button"), { type: "button", className: "sort", title: "Sort by this column" });
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") === "ascending";
        for (const other of heads) other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        rows.sort((a, b) => text(a, i).localeCompare(text(b, i), "en", { numeric: true }) * (down ? -1 : 1));
        table.tBodies[0].append(...rows);
      });
    });
    show();
  };

  /* ---- code can be copied ---- */
  const copyable = () => {
    if (!navigator.clipboard) return;
    for (const pre of document.querySelectorAll("div.highlight > pre")) {
      const button = Object.assign(document.createElement("button"), { type: "button", className: "copy", textContent: "Copy" });
      button.addEventListener("click", () => navigator.clipboard.writeText(pre.textContent).then(() => {
        button.textContent = "Copied";
        setTimeout(() => { button.textContent = "Copy"; }, 1500);
      }, console.error));
      pre.after(button);
    }
  };

  /* ---- the search comes when a reader reaches for it ---- */
  const seek = () => load(new URL("_static/search.js", new URL(root.dataset.content_root, location.href)).href);
  addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea, [contenteditable]")) return;
    event.preventDefault();
    document.querySelector(".find input")?.focus();
  });

  document.addEventListener("DOMContentLoaded", () => {
    if (!document.getElementById("search-results")) document.querySelector(".find input")?.addEventListener("focus", seek, { once: true });
    for (const button of document.querySelectorAll("button.mode")) {
      button.hidden = false;
      button.addEventListener("click", () => {
        const mode = modes[(modes.indexOf(root.dataset.mode || "auto") + 1) % modes.length];
        store(mode);
        apply(mode);
      });
    }
    apply(root.dataset.mode || "auto");
    watch();
    explorable();
    if (matchMedia("(min-width: 80rem)").matches) follow();
  });
})();
