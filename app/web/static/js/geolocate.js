// "Use my position": asks the browser once, fills the place's fields as WGS-84, and says clearly when it may not.
(() => {
  const OPTIONS = { enableHighAccuracy: true, timeout: 12000, maximumAge: 60000 };
  const REFUSED = 1;

  OneStop.enhance("[data-geolocate]", (button) => {
    const place = button.closest("[data-place]");
    const status = place.querySelector("[data-place-status]");
    const field = (name) => place.querySelector(`[name="${name}"]`);
    if (!("geolocation" in navigator) || !window.isSecureContext) { button.hidden = true; return; }

    function say(key, tone) {
      status.textContent = OneStop.words(button, key);
      status.dataset.tone = tone;
      button.removeAttribute("aria-busy");
    }

    function found({ coords }) {
      field("crs").value = "wgs84";
      field("lon").value = coords.longitude.toFixed(6);
      field("lat").value = coords.latitude.toFixed(6);
      say("done", "good");
      field("lat").dispatchEvent(new Event("change", { bubbles: true }));
      if ("submit" in button.dataset) button.form.requestSubmit();
    }

    button.addEventListener("click", () => {
      say("working", "plain");
      button.setAttribute("aria-busy", "true");
      navigator.geolocation.getCurrentPosition(found, (error) => say(error.code === REFUSED ? "refused" : "failed", "wrong"), OPTIONS);
    });
  });
})();
