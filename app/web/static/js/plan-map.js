// The map of a plan: demand by whether it is within reach before and after, stations that there are, chosen places by number.
(() => {
  const chinese = document.documentElement.lang.startsWith("zh");
  const nameOf = (each) => (chinese ? each.name_zh : each.name_en) || each.name_zh;
  const LOOKS = {
    reached: { fillColor: "#0b5a6f", fillOpacity: 0.9, color: "#ffffff", weight: 1 },
    gained: { fillColor: "#ffc53d", fillOpacity: 1, color: "#16212b", weight: 1 },
    open: { fillColor: "#ffffff", fillOpacity: 0.9, color: "#b3261e", weight: 3 },
  };

  // 2: within reach already, 1: only with the plan, 0: not even then.
  function lookOf(state, after) {
    if (state === 2) return LOOKS.reached;
    return state === 1 && after ? LOOKS.gained : LOOKS.open;
  }

  function marker(map, at, html, title) {
    const icon = L.divIcon({ className: "", html, iconSize: null });
    return L.marker([at.lat, at.lon], { icon, title, alt: title, keyboard: false, interactive: Boolean(title) }).addTo(map);
  }

  function draw(map, drawn) {
    const dots = drawn.points.map(([lon, lat, size, state]) => ({
      state, dot: L.circleMarker([lat, lon], { radius: 3 + 6 * Math.sqrt(size), interactive: false }).addTo(map),
    }));
    for (const station of drawn.stations) marker(map, station, '<span class="reach-station"></span>', nameOf(station));
    const pins = L.layerGroup();
    for (const place of drawn.chosen) {
      const pin = Object.assign(document.createElement("span"), { className: "plan-pin", textContent: String(place.rank) });
      marker(map, place, pin, nameOf(place)).setZIndexOffset(1000).removeFrom(map).addTo(pins);
    }
    return (after) => {
      dots.forEach(({ state, dot }) => dot.setStyle(lookOf(state, after)));
      if (after) pins.addTo(map); else pins.removeFrom(map);
    };
  }

  OneStop.enhance("[data-plan-map]", async (box) => {
    try {
      const drawn = JSON.parse(document.getElementById(box.dataset.planMap).textContent);
      const map = OneStop.createMap(box);
      const counties = L.geoJSON(await OneStop.getJson(box.dataset.counties), {
        interactive: false, style: { color: "#46545f", weight: 1, fillColor: "#ffffff", fillOpacity: 1 },
      }).addTo(map);
      const bounds = L.latLngBounds([...drawn.points.map(([lon, lat]) => [lat, lon]), ...drawn.chosen.map(({ lat, lon }) => [lat, lon])]);
      map.fitBounds(bounds.isValid() ? bounds : counties.getBounds(), { padding: [16, 16] });
      const show = draw(map, drawn);
      show(true);
      const buttons = [...box.closest(".map-box").querySelectorAll("[data-plan-state]")];
      for (const button of buttons) {
        button.addEventListener("click", () => {
          show(button.dataset.planState === "after");
          buttons.forEach((each) => each.setAttribute("aria-pressed", String(each === button)));
        });
      }
      box.dataset.ready = "";
    } catch (error) {
      console.warn(error);
      box.classList.add("map--failed");
      box.textContent = OneStop.words(box, "failed");
    }
  });
})();
