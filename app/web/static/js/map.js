// The map: county boundaries from our own GeoJSON, an optional background, a pin to place; stations by map-points.js.
// See web/macros/map.html for the data attributes. The list beside it has everything that the map has.
(() => {
  const DECIMALS = 6;
  const chinese = document.documentElement.lang.startsWith("zh");
  const nameOf = (properties) => (chinese ? properties.name_zh : properties.name_en) || properties.name_zh;

  async function json(url) {
    const answer = await fetch(url, { headers: { Accept: "application/geo+json, application/json" } });
    if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
    return answer.json();
  }

  function create(box) {
    const map = L.map(box, { zoomControl: false, scrollWheelZoom: false, zoomSnap: 0.25, minZoom: 4, maxZoom: 18 });
    map.attributionControl.setPrefix(false).addAttribution(OneStop.words(box, "credit"));
    L.control.zoom({ zoomInTitle: OneStop.words(box, "zoomIn"), zoomOutTitle: OneStop.words(box, "zoomOut") }).addTo(map);
    if (box.dataset.tileUrl) L.tileLayer(box.dataset.tileUrl, { attribution: box.dataset.tileCredit }).addTo(map);
    // The wheel belongs to the page until the map has been clicked or focused.
    map.on("focus click", () => map.scrollWheelZoom.enable()).on("blur", () => map.scrollWheelZoom.disable());
    return map;
  }

  // A county's name stands where no pin lies on it, at its place or a little above or below; else it is left out.
  const SHIFTS = [0, -20, 20, -36, 36];

  function overlaps(a, b) {
    return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
  }

  function placeNames(map) {
    const taken = [...map.getContainer().querySelectorAll(".pin")].map((pin) => pin.getBoundingClientRect());
    for (const label of map.getContainer().querySelectorAll(".county-label")) {
      const free = SHIFTS.find((shift) => {
        label.style.marginTop = `${shift}px`;
        const box = label.getBoundingClientRect();
        return !taken.some((other) => overlaps(box, other));
      });
      label.style.visibility = free === undefined ? "hidden" : "visible";
      if (free !== undefined) taken.push(label.getBoundingClientRect());
    }
  }

  function drawCounties(map, counties, plain) {
    const layer = L.geoJSON(counties, {
      interactive: false,
      style: { color: "#6b7883", weight: 1, fillColor: "#ffffff", fillOpacity: plain ? 1 : 0.15 },
    }).addTo(map);
    map.createPane("names").style.zIndex = 450; // below the pins
    for (const { properties } of counties.features.filter((county) => county.properties.label_lat)) {
      L.tooltip({ permanent: true, direction: "center", className: "county-label", pane: "names" })
        .setLatLng([properties.label_lat, properties.label_lon]).setContent(document.createTextNode(nameOf(properties))).addTo(map);
    }
    return layer.getBounds();
  }

  function placePin(box, map) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("viewBox", "0 0 16 16");
    svg.innerHTML = '<path d="M8 16s6-5.686 6-10A6 6 0 0 0 2 6c0 4.314 6 10 6 10m0-7a3 3 0 1 1 0-6 3 3 0 0 1 0 6"/>';
    const icon = L.divIcon({ html: svg, className: "pin-place", iconSize: [32, 32], iconAnchor: [16, 32] });
    const words = OneStop.words(box, "here");
    const marker = L.marker(map.getCenter(), { icon, title: words, interactive: false, keyboard: false, zIndexOffset: 1000 });
    return (at) => marker.setLatLng(at).addTo(map);
  }

  // Pick a point: by click, or by moving the map and putting the pin at its centre.
  function letPick(box, map, put) {
    const field = (name) => document.querySelector(`[data-place] [name="${name}"]`);
    function write({ lat, lng }) {
      const at = L.latLng(lat, lng).wrap();
      field("crs").value = "wgs84";
      field("lon").value = at.lng.toFixed(DECIMALS);
      field("lat").value = at.lat.toFixed(DECIMALS);
      put(at);
      box.dispatchEvent(new CustomEvent("onestop:picked", { bubbles: true, detail: { lon: at.lng, lat: at.lat } }));
    }
    map.on("click", (event) => write(event.latlng));
    box.closest(".map-box").querySelector("[data-map-centre]")?.addEventListener("click", () => write(map.getCenter()));
    field("lat").closest("[data-place]").addEventListener("change", () => {
      const at = [Number(field("lat").value), Number(field("lon").value)];
      if (field("crs").value !== "wgs84" || !field("lat").value || !at.every(Number.isFinite)) return;
      put(at);
      map.setView(at, Math.max(map.getZoom(), 12));
    });
  }

  async function pointsOf({ points, stations }) {
    if (points) return JSON.parse(document.getElementById(points).textContent);
    return stations ? json(stations) : { features: [] };
  }

  /** Where the points are, for a network without boundaries; the country when there are none either. */
  function around({ features }) {
    const bounds = L.latLngBounds(features.map(({ geometry: { coordinates: [lon, lat] } }) => [lat, lon]));
    return bounds.isValid() ? bounds : L.latLngBounds([18, 73], [54, 135]);
  }

  async function show(box) {
    const map = create(box);
    const [counties, stations] = await Promise.all([json(box.dataset.counties), pointsOf(box.dataset)]);
    const everything = drawCounties(map, counties, !box.dataset.tileUrl);
    map.fitBounds(everything.isValid() ? everything : around(stations), { padding: [4, 4] });
    const reach = OneStop.mapPoints(box, map, stations);
    const put = placePin(box, map);
    const { lon, lat } = box.dataset;
    if (lon && lat) put([Number(lat), Number(lon)]);
    if (lon && lat && reach.isValid()) map.fitBounds(reach.extend([Number(lat), Number(lon)]), { padding: [32, 32], maxZoom: 13 });
    if ("pick" in box.dataset) letPick(box, map, put);
    map.on("zoomend moveend", () => placeNames(map));
    placeNames(map);
    box.dataset.ready = "";
  }

  OneStop.createMap = create;
  OneStop.getJson = json;
  OneStop.enhance("[data-map]", (box) => {
    show(box).catch((error) => {
      console.warn(error);
      box.classList.add("map--failed");
      box.textContent = OneStop.words(box, "failed");
    });
  });
})();
