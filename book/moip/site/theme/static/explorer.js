/* Waits beside an explorer of stacks until its reader reaches for it, or comes with a link to a choice of stacks; then
   loads the rest (explorer.css, catalog.js, explorer-app.js) from the book itself. */
"use strict";
(() => {
  const here = document.currentScript.src;
  const address = (name, version) => new URL(`${name}?${version}`, here).href;
  const arrive = (element) => new Promise((done, fail) => {
    element.onload = done;
    element.onerror = () => { element.remove(); fail(new Error(`could not load ${element.src || element.href}`)); };
    document.head.append(element);
  });
  const script = (src) => arrive(Object.assign(document.createElement("script"), { src }));
  const sheet = (href) => arrive(Object.assign(document.createElement("link"), { rel: "stylesheet", href }));

  async function open(box) {
    if (box.dataset.state) return;
    box.dataset.state = "loading";
    const button = box.querySelector(".explorer-open");
    button.disabled = true;
    try {
      const version = box.dataset.digest;
      await Promise.all([sheet(address("explorer.css", version)), script(address("catalog.js", version)), script(address("explorer-app.js", version))]);
      await window.moip.explore(box, address("explorer-engine.js", version), script);
      box.dataset.state = "open";
    } catch (error) {
      delete box.dataset.state;
      button.disabled = false;
      console.error(error);
    }
  }

  document.addEventListener("DOMContentLoaded", () => {
    const box = document.querySelector(".moip-explorer");
    if (!box) return;
    box.querySelector(".explorer-open").addEventListener("click", () => open(box));
    const linked = () => {
      if (!location.hash.startsWith("#stacks?")) return;
      open(box);
      box.scrollIntoView();
    };
    addEventListener("hashchange", linked);
    linked();
  });
})();
