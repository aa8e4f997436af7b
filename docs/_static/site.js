// Two things that the theme leaves to us: what scrolls can be reached by keyboard, and the search shows where words stand.
"use strict";

function reachable() {
  for (const box of document.querySelectorAll("pre, .wide, .table-wrapper, .text_html, div.math")) {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  }
}

// The passage of a page's text around the words that were searched for, with these marked.
function excerpt(text, query) {
  const words = query.split(/[^\p{L}\p{N}]+/u).filter((word) => word.length > 2).map((word) => word.toLowerCase());
  const lower = text.toLowerCase();
  const phrase = lower.indexOf(query.toLowerCase().trim());
  const at = phrase >= 0 ? phrase : Math.min(...words.map((word) => lower.indexOf(word)).filter((i) => i >= 0));
  if (!Number.isFinite(at) || !words.length) return null;
  const start = text.lastIndexOf(" ", Math.max(at - 90, 0)) + 1;
  const shown = document.createElement("p");
  shown.className = "context";
  const marked = new RegExp(`(?<!\\p{L})(${words.join("|")})`, "giu");
  const passage = (start > 0 ? "… " : "") + text.slice(start, start + 240) + " …";
  for (const piece of passage.split(marked)) {
    const part = document.createElement(words.includes(piece.toLowerCase()) ? "mark" : "span");
    part.textContent = piece;
    shown.append(part);
  }
  return shown;
}

function excerpts(results, root) {
  const query = new URLSearchParams(location.search).get("q") || "";
  for (const item of results.querySelectorAll("ul.search > li:not([data-told])")) {
    item.dataset.told = "";
    const page = new URL(item.querySelector("a").href).pathname.slice(root.length).replace(/\.html$/, "");
    const shown = excerpt(bxeTexts[decodeURIComponent(page)] || "", query);
    if (shown) item.append(shown);
  }
}

function search() {
  const results = document.getElementById("search-results");
  if (!results) return;
  const base = new URL(document.documentElement.dataset.content_root, location.href);
  const script = document.createElement("script");
  script.src = new URL("_static/texts.js", base);
  script.onload = () => {
    new MutationObserver(() => excerpts(results, base.pathname)).observe(results, { childList: true, subtree: true });
    excerpts(results, base.pathname);
  };
  document.head.append(script);
}

document.addEventListener("DOMContentLoaded", () => { reachable(); search(); });
addEventListener("load", reachable);
addEventListener("resize", reachable);
