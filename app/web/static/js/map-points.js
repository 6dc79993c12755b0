// The stations on the map. Points that would lie on top of each other are drawn as one, with their number, so that
// each can be hit by a finger and reached by Tab; the station chosen on the map and in the list is the same one.
(() => {
  const APART = 44; // pixels between two pins
  const PIN = 32;
  const chinese = document.documentElement.lang.startsWith("zh");
  const nameOf = (properties) => (chinese ? properties.name_zh : properties.name_en) || properties.name_zh;
  const isApproximate = (properties) => properties.coord_class !== "geonames";

  function make(tag, properties = {}, ...children) {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  }

  // Greedy: the first point of a place is its centre, what comes within APART of it joins in.
  function gather(map, features) {
    const cells = new Map();
    const groups = [];
    for (const feature of features) {
      const at = map.project(feature.at);
      const [column, row] = [Math.floor(at.x / APART), Math.floor(at.y / APART)];
      const near = [-1, 0, 1].flatMap((dx) => [-1, 0, 1].flatMap((dy) => cells.get(`${column + dx}:${row + dy}`) ?? []));
      const group = near.find((other) => other.at.distanceTo(at) < APART);
      if (group) { group.members.push(feature); continue; }
      const fresh = { at, members: [feature] };
      groups.push(fresh);
      cells.set(`${column}:${row}`, [...(cells.get(`${column}:${row}`) ?? []), fresh]);
    }
    return groups;
  }

  function look(members) {
    const ranks = members.filter(({ properties }) => properties.rank !== undefined).map(({ properties }) => properties.rank);
    const text = ranks.length ? ranks.join(" ") : members.length > 1 ? String(members.length) : "";
    const kind = members.length > 1 ? "pin--group" : isApproximate(members[0].properties) ? "pin--approx" : "pin--exact";
    const dot = make("span", { className: `pin ${kind}${ranks.length ? " pin--ranked" : ""}`, textContent: text });
    return L.divIcon({ html: dot, className: "pin-target", iconSize: [PIN, PIN] });
  }

  function entry(box, { properties }) {
    const href = box.dataset.href?.replace("{code}", encodeURIComponent(properties.code));
    const name = make("p", {}, href ? make("a", { href, textContent: nameOf(properties) }) : nameOf(properties));
    const note = isApproximate(properties) ? [make("p", { className: "quiet", textContent: OneStop.words(box, "approx") })] : [];
    return make("div", { className: "map-entry" }, name, ...note);
  }

  OneStop.mapPoints = (box, map, collection) => {
    const layer = L.layerGroup().addTo(map);
    const features = collection.features.map(({ geometry, properties }) => (
      { properties, at: L.latLng(geometry.coordinates[1], geometry.coordinates[0]) }
    )).sort((a, b) => (a.properties.rank ?? Infinity) - (b.properties.rank ?? Infinity));
    let shown = new Map(); // code -> marker
    let chosen = "";

    // The bubble hangs on the map, not on the pin: pins are drawn anew whenever the map moves.
    function open(members, byKeyboard) {
      const bounds = L.latLngBounds(members.map(({ at }) => at)).pad(0.2);
      if (members.length > 1 && map.getBoundsZoom(bounds) > map.getZoom()) {
        map.fitBounds(bounds);
        map.getContainer().focus({ preventScroll: true });
        return;
      }
      select(members[0].properties.code, true);
      const content = make("div", {}, ...members.map((member) => entry(box, member)));
      const bubble = L.popup({ autoPanPadding: [16, 16], minWidth: 200, offset: [0, -6] });
      bubble.setLatLng(members[0].at).setContent(content).openOn(map);
      if (byKeyboard) content.querySelector("a")?.focus({ preventScroll: true });
    }

    function place(members) {
      const words = members.length > 1 ? OneStop.words(box, "group", { n: members.length }) : nameOf(members[0].properties);
      const marker = L.marker(members[0].at, { icon: look(members), title: words, alt: words, riseOnHover: true });
      marker.on("click", () => open(members, false));
      marker.on("keydown", ({ originalEvent }) => {
        if (originalEvent.key !== "Enter" && originalEvent.key !== " ") return;
        originalEvent.preventDefault();
        open(members, true);
      });
      return marker.addTo(layer);
    }

    function draw() {
      const focused = [...shown].find(([, marker]) => marker.getElement() === document.activeElement)?.[0];
      const view = map.getBounds().pad(0.3);
      layer.clearLayers();
      shown = new Map();
      for (const { members } of gather(map, features.filter(({ at }) => view.contains(at)))) {
        const marker = place(members);
        members.forEach(({ properties }) => shown.set(properties.code, marker));
      }
      shown.get(focused)?.getElement().focus({ preventScroll: true });
      paint();
    }

    function paint() {
      const own = shown.get(chosen);
      new Set(shown.values()).forEach((marker) => marker.getElement().classList.toggle("is-selected", marker === own));
    }

    function select(code, fromMap) {
      chosen = code;
      paint();
      for (const element of document.querySelectorAll("[data-station-code]")) {
        const same = element.dataset.stationCode === code;
        element.classList.toggle("is-selected", same);
        if (same && fromMap) element.scrollIntoView({ block: "nearest" });
      }
    }

    for (const kind of ["focusin", "mouseover"]) {
      document.addEventListener(kind, ({ target }) => {
        const code = target.closest?.("[data-station-code]")?.dataset.stationCode;
        if (code && code !== chosen && features.some(({ properties }) => properties.code === code)) select(code, false);
      });
    }
    map.on("zoomend", draw).on("moveend", draw);
    draw();
    return L.latLngBounds(features.map(({ at }) => at));
  };
})();
