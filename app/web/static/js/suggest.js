// Suggestions under a search field: the WAI-ARIA combobox with a list. Without this script the form just searches.
(() => {
  const WAIT_MS = 150;
  const MARKS = { metrology: "计", standards: "标", certification: "认", testing: "检", ip: "知", brand: "品" };
  const chinese = document.documentElement.lang.startsWith("zh");

  OneStop.enhance("[data-suggest]", (box) => {
    const input = box.querySelector("input");
    const list = box.querySelector("[role='listbox']");
    const status = box.querySelector("[role='status']");
    let active = -1;
    let asked = null;
    let timer = 0;

    for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-controls", list.id], ["aria-expanded", "false"]]) {
      input.setAttribute(name, value);
    }

    const options = () => [...list.querySelectorAll("[role='option']")];

    function open(yes) {
      list.hidden = !yes;
      input.setAttribute("aria-expanded", String(yes));
      mark(-1);
    }

    function mark(index) {
      active = index;
      options().forEach((option, n) => {
        option.setAttribute("aria-selected", String(n === index));
        if (n === index) option.scrollIntoView({ block: "nearest" });
      });
      if (index < 0) input.removeAttribute("aria-activedescendant");
      else input.setAttribute("aria-activedescendant", options()[index].id);
    }

    function choose(option) {
      const { href, value } = option.dataset;
      input.value = value;
      open(false);
      if (href) window.location.assign(href);
      else input.form.requestSubmit();
    }

    async function ask() {
      asked?.abort();
      const query = input.value.trim();
      if (!query) { open(false); return; }
      const mine = new AbortController();
      asked = mine;
      try {
        const url = new URL(box.dataset.suggestUrl, window.location.href);
        url.searchParams.set("q", query);
        const answer = await fetch(url, { signal: mine.signal, headers: { Accept: "application/json, text/html" } });
        if (!answer.ok) throw new Error(String(answer.status));
        await fill(answer, mine);
      } catch (error) {
        if (error.name !== "AbortError") open(false); // the form still searches
      }
    }

    async function fill(answer, mine) {
      const isJson = answer.headers.get("content-type").includes("json");
      const nodes = isJson ? (await answer.json()).items.map(fromJson) : fromHtml(await answer.text());
      if (mine.signal.aborted) return;
      nodes.forEach((node, n) => { node.id = `${list.id}-${n}`; });
      list.replaceChildren(...nodes);
      open(nodes.length > 0 && document.activeElement === input);
      status.textContent = OneStop.words(box, nodes.length ? "found" : "none", { n: nodes.length });
    }

    function fromHtml(text) {
      return [...new DOMParser().parseFromString(`<ul>${text}</ul>`, "text/html").querySelectorAll("[role='option']")];
    }

    function fromJson(item) {
      const option = document.createElement("li");
      const name = (chinese ? item.name_zh : item.name_en) || item.name_zh;
      option.setAttribute("role", "option");
      option.dataset.value = name;
      if (box.dataset.suggestHref) option.dataset.href = box.dataset.suggestHref.replace("{code}", encodeURIComponent(item.code));
      if (MARKS[item.category]) {
        const letter = document.createElement("span");
        letter.className = `mark mark--${item.category}`;
        letter.textContent = MARKS[item.category];
        letter.setAttribute("aria-hidden", "true");
        option.append(letter);
      }
      option.append(name);
      return option;
    }

    input.addEventListener("input", (event) => {
      if (event.isComposing) return; // an input method is still putting the characters together
      clearTimeout(timer);
      timer = setTimeout(ask, WAIT_MS);
    });
    input.addEventListener("compositionend", () => { clearTimeout(timer); timer = setTimeout(ask, WAIT_MS); });
    input.addEventListener("focus", () => { if (options().length && input.value.trim()) open(true); });
    input.addEventListener("blur", () => open(false));
    input.addEventListener("keydown", (event) => {
      const count = options().length;
      if (event.isComposing || !count) return;
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        if (list.hidden) open(true);
        const step = event.key === "ArrowDown" ? 1 : -1;
        mark(active < 0 && step < 0 ? count - 1 : (active + step + count) % count);
      } else if (event.key === "Escape" && !list.hidden) {
        event.preventDefault();
        open(false);
      } else if (event.key === "Enter" && active >= 0 && !list.hidden) {
        event.preventDefault();
        choose(options()[active]);
      }
    });
    list.addEventListener("mousedown", (event) => event.preventDefault()); // keep the focus in the field
    list.addEventListener("click", (event) => {
      const option = event.target.closest("[role='option']");
      if (option) choose(option);
    });
  });
})();
