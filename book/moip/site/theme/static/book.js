/* The book's one script: color mode, figures that come alive when a reader reaches for them, copy by keyboard.
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
    const live = plot.querySelector(".live") || document.createElement("div");
    live.className = "live";
    live.style.height = `${box.height}px`;
    if (!live.parentNode) plot.append(live);
    await Plotly.react(live, recolor(figure.data), { ...layout, width: box.width, height: box.height },
      { displaylogo: false, displayModeBar: "hover", modeBarButtonsToRemove: ["select2d", "lasso2d", "autoScale2d"] });
  }
  async function wake(plot) {
    if (plot.dataset.state) return;
    plot.dataset.state = "loading";
    try {
      await Promise.all([plotly(), load(new URL(plot.dataset.src, location.href).href)]);
      await draw(plot);
      plot.dataset.live = "";
      plot.dataset.state = "live";
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
    let width = innerWidth;
    addEventListener("resize", () => {
      if (innerWidth === width) return;
      width = innerWidth;
      for (const plot of document.querySelectorAll(".plot[data-live]")) draw(plot);
    });
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

  document.addEventListener("DOMContentLoaded", () => {
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
    if (matchMedia("(min-width: 80rem)").matches) follow();
  });
})();
