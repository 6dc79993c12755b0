// Keeps #live-part of a page as things are: when its stream says so, the page is fetched again and that part is put in
// its place, where focus and open details stay. Where somebody has typed into the part, a notice is shown instead.
OneStop.enhance("[data-live]", (element) => {
  const notice = element.querySelector("[hidden]");
  const part = () => document.getElementById("live-part");
  let typed = false;
  let busy = false;
  let again = false;

  document.addEventListener("input", (event) => {
    if (part()?.contains(event.target)) typed = true;
  });

  async function show() {
    const answer = await fetch(element.dataset.live, { headers: { "X-Live": "1" } });
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("live-part");
    if (!answer.ok || !fresh) return;
    if (typed) { notice.hidden = false; return; }
    await htmx.swap({ sourceElement: part(), target: part(), swap: "outerMorph", text: fresh.outerHTML });
  }

  // Changes that come while one is being shown are shown together after it.
  element.addEventListener("changed", async () => {
    if (typed) { notice.hidden = false; return; }
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
