// The map of coverage: each county in the tone of its share within reach, the stations that may do it, and the demand,
// filled where it is reached. The table beside it has the same figures.
(() => {
  const TONES = [[1, "#0b5a6f"], [0.75, "#4d98ad"], [0.5, "#93c3d0"], [0.25, "#cfe4ea"], [0, "#ffffff"]];
  const chinese = document.documentElement.lang.startsWith("zh");
  const nameOf = (each) => (chinese ? each.name_zh : each.name_en) || each.name_zh;
  const percent = new Intl.NumberFormat(document.documentElement.lang, { style: "percent", maximumFractionDigits: 1 });
  const words = (box, name, share) => (share === null || share === undefined
    ? OneStop.words(box, "none", { name })
    : OneStop.words(box, "part", { name, share: percent.format(share) }));

  function tone(share) {
    return share === null || share === undefined ? "#e9edef" : TONES.find(([least]) => share >= least - 1e-9)[1];
  }

  function drawAreas(box, map, counties, drawn) {
    return L.geoJSON(counties, {
      style: ({ properties }) => ({
        color: "#46545f", weight: properties.adcode === drawn.county ? 3 : 1, fillColor: tone(drawn.shares[properties.adcode]), fillOpacity: 0.8,
      }),
      onEachFeature: ({ properties }, layer) => {
        layer.bindTooltip(document.createTextNode(words(box, nameOf(properties), drawn.shares[properties.adcode])), { sticky: true, className: "reach-label" });
      },
    }).addTo(map);
  }

  // Of several services a point counts as reached by half of them; its words say by how many.
  const REACHED = 0.5;
  const MANY = 300;

  function drawDemand(box, map, points) {
    const [least, more] = points.length > MANY ? [2, 4] : [3, 6];
    for (const point of points) {
      const reached = point.part >= REACHED;
      const look = reached
        ? { fillColor: "#0b5a6f", fillOpacity: 0.9, color: "#ffffff", weight: 1 }
        : { fillColor: "#ffffff", fillOpacity: 0.9, color: "#b3261e", weight: points.length > MANY ? 1.5 : 3 };
      L.circleMarker([point.lat, point.lon], { radius: least + more * Math.sqrt(point.size), ...look })
        .bindTooltip(document.createTextNode(words(box, nameOf(point), point.part)), { className: "reach-label" }).addTo(map);
    }
  }

  function drawStations(map, stations) {
    const look = { className: "", html: '<span class="reach-station"></span>', iconSize: [10, 10] };
    for (const station of stations) {
      L.marker([station.lat, station.lon], { icon: L.divIcon(look), title: nameOf(station), keyboard: false, interactive: false }).addTo(map);
    }
  }

  OneStop.enhance("[data-coverage-map]", async (box) => {
    try {
      const drawn = JSON.parse(document.getElementById(box.dataset.coverageMap).textContent);
      const map = OneStop.createMap(box);
      const areas = drawAreas(box, map, await OneStop.getJson(box.dataset.counties), drawn);
      const own = drawn.county && areas.getLayers().find(({ feature }) => feature.properties.adcode === drawn.county);
      map.fitBounds((own || areas).getBounds(), { padding: [8, 8] });
      drawDemand(box, map, drawn.points);
      drawStations(map, drawn.stations);
      box.dataset.ready = "";
    } catch (error) {
      console.warn(error);
      box.classList.add("map--failed");
      box.textContent = OneStop.words(box, "failed");
    }
  });
})();
