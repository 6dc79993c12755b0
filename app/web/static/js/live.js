// Keeps the live parts of a page (#live-part, [data-live-part]) as things are: when its stream says so, the page is fetched
// again and these parts are put in their places, where focus and open details stay. Where somebody has typed into a part, a
// notice is shown instead. Boxes that are ticked to select something (data-loose) are nothing typed.
OneStop.enhance("[data-live]", (element) => {
  const PARTS = "#live-part, [data-live-part]";
  const notice = element.querySelector("[hidden]");
  const typed = new WeakSet();
  let busy = false;
  let again = false;

  document.addEventListener("input", (event) => {
    const part = event.target.closest(PARTS);
    if (part && !event.target.closest("[data-loose]")) typed.add(part);
  });

  async function show() {
    const answer = await fetch(element.dataset.live, { headers: { "X-Live": "1" } });
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!answer.ok) return;
    for (const part of document.querySelectorAll(PARTS)) {
      const next = fresh.getElementById(part.id);
      if (!next) continue;
      if (typed.has(part)) { notice.hidden = false; continue; }
      await htmx.swap({ sourceElement: part, target: part, swap: "outerMorph", text: next.outerHTML });
    }
  }

  // Changes that come while one is being shown are shown together after it.
  element.addEventListener("changed", async () => {
    if ([...document.querySelectorAll(PARTS)].every((part) => typed.has(part))) { notice.hidden = false; return; }
    again = true;
    if (busy) return;
    busy = true;
    try {
      while (again) { again = false; await show(); }
    } catch (error) {
      console.warn("live:", error.message);
    } finally {
      busy = false;
    }
  });

  // htmx starts as soon as it may, which on a slow line is before its extension is there: then the stream is begun here.
  // A timer set now runs after the one that starts htmx, which was set before.
  setTimeout(() => {
    if (!element.hasAttribute("data-htmx-powered")) htmx.process(element);
  });

  // Who may not look any more, or never could, is not asked again and again.
  element.addEventListener("htmx:sse:error", (event) => {
    if ([401, 403, 404].includes(event.detail.status)) element.remove();
  });
});
