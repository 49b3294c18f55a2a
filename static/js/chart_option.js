// From the columns of a history to what ECharts draws: three lanes over one axis of time, its labels are the page's.
const LANES = ["latency", "availability", "attempts"]

/** Middle of each point; null where nothing is known. A value between two gaps is a dot. */
function course(values, hidden) {
  return values.map((value, n) => {
    const lone = value !== null && (values[n - 1] ?? null) === null && (values[n + 1] ?? null) === null
    return { value: [n + 0.5, hidden ? null : value], symbol: lone ? "circle" : "none", symbolSize: 4 }
  })
}

/** A level from edge to edge of each point, joined where it follows upon another. */
function levels(values, hidden) {
  return values.flatMap((value, n) => [[n, hidden ? null : value], [n + 1, hidden ? null : value]])
}

/** The worst five minutes of a point; what lies below the axis is an upright on its foot. */
function worstMarks(worst, availability, low, hidden) {
  return worst.map((value, n) => {
    if (hidden || value === null || value === availability[n]) return [n + 0.5, null]
    if (value >= low) return [n + 0.5, value]
    return { value: [n + 0.5, low], symbol: "rect", symbolSize: [2, 6], symbolOffset: [0, -3] }
  })
}

const line = (lane, name, data, color, more) => ({
  id: name, type: "line", xAxisIndex: lane, yAxisIndex: lane, data, silent: true, connectNulls: false,
  itemStyle: { color }, lineStyle: { color, width: 2, ...more?.lineStyle }, ...more?.series,
})

const bar = (name, values, hidden, width, itemStyle) => ({
  id: name, type: "bar", stack: "attempts", xAxisIndex: 2, yAxisIndex: 2, silent: true, barWidth: width, itemStyle,
  data: values.map((value, n) => [n + 0.5, hidden ? null : value || null]),
})

/** columns: the figure's data; room: {left, lanes: [{top, height}], width}; shown(series): whether its box is ticked. */
export function option(columns, room, colours, shown, animated) {
  const { p95, p50, samples, availability, worst, ok, failed, uncounted, usage, scales, enough } = columns
  const count = p95.length
  const sure = p95.map((value, n) => (samples[n] >= enough ? value : null))
  const width = Math.max(1, (room.width / count) * 0.76)
  const off = (name) => !shown(name)
  return {
    animation: animated, animationDuration: 240, animationDurationUpdate: 240,
    grid: room.lanes.map(({ top, height }) => ({ left: room.left, width: room.width, top, height })),
    xAxis: LANES.map((_, gridIndex) => ({ gridIndex, type: "value", min: 0, max: count, show: false })),
    yAxis: LANES.map((lane, gridIndex) => ({ gridIndex, type: "value", min: scales[lane][0], max: scales[lane][1], show: false })),
    series: [
      line(0, "p50", course(p50, off("p50")), colours.behind, { lineStyle: { width: 1.5, type: [5, 4] } }),
      line(0, "p95-few", course(p95, off("p95")), colours.latency, { lineStyle: { width: 1.5, type: [1, 4], cap: "round" } }),
      line(0, "p95", course(sure, off("p95")), colours.latency),
      line(1, "availability", levels(availability, off("availability")), colours.availability, {
        series: { showSymbol: false, areaStyle: { origin: "end", color: colours.errors, opacity: 0.34 } },
      }),
      line(1, "worst", worstMarks(worst, availability, scales.availability[0], off("worst")), colours.throughput, {
        lineStyle: { width: 0 }, series: { symbol: "circle", symbolSize: 4, showAllSymbol: true },
      }),
      bar("right", usage ?? ok, off("attempts"), width, { color: colours.behind, opacity: 0.5 }),
      bar("failed", failed, off("attempts"), width, { color: colours.errors }),
      bar("uncounted", uncounted, off("attempts"), width, { color: "transparent", borderColor: colours.behind, borderWidth: 1 }),
    ],
  }
}
