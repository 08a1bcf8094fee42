import { BarChart, LineChart } from 'echarts/charts'
import { GridComponent, TooltipComponent } from 'echarts/components'
import { init, use } from 'echarts/core'
import { CanvasRenderer } from 'echarts/renderers'
import { useEffect, useRef } from 'react'

use([BarChart, LineChart, GridComponent, TooltipComponent, CanvasRenderer])

export type Series = { name: string; values: readonly (number | null)[] }
type ChartFacts = {
  label: string
  periods: readonly { name: string; whole: boolean }[]
  series: readonly Series[]
  /** Lines for figures that do not add up, such as rates; otherwise bars on each other. */
  lines: boolean
  text: (value: number) => string
  dark: boolean
}

const light = ['#3450c4', '#6b80d6', '#a3b1e6', '#cdd5f3', '#8e9198', '#c9cacc']
const onDark = ['#8496f0', '#6578da', '#4c5db8', '#38468c', '#90949b', '#5f636a']
const unfinished = { light: '#b9c3ee', dark: '#39457e' }

/** A chart of a report. The tooltip is drawn on the canvas, since the page's policy allows no styles in markup. */
export default function Chart({ chart: shown }: { chart: ChartFacts }) {
  const box = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (!box.current) return
    const chart = init(box.current)
    chart.setOption(optionOf(shown))
    const watch = new ResizeObserver(() => chart.resize())
    watch.observe(box.current)
    return () => {
      watch.disconnect()
      chart.dispose()
    }
  }, [shown])
  const colors = shown.dark ? onDark : light
  return (
    <>
      <div className="report-legend small">
        {shown.series.map(({ name }, at) => (
          <span key={name} className="cut">
            <i style={{ background: colors[at % colors.length] }} aria-hidden="true" /> {name}
          </span>
        ))}
      </div>
      <div ref={box} className="report-canvas" role="img" aria-label={shown.label} />
    </>
  )
}

function optionOf({ periods, series, lines, text, dark }: ChartFacts) {
  const colors = dark ? onDark : light
  const ink = dark ? '#90949b' : '#696d75'
  const axis = { axisLabel: { color: ink, fontSize: 11 }, axisTick: { show: false } }
  return {
    animation: false,
    color: colors,
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
    grid: { left: 8, right: 12, top: 12, bottom: 4, containLabel: true },
    tooltip: {
      trigger: 'axis' as const,
      renderMode: 'richText' as const,
      confine: true,
      backgroundColor: dark ? '#1f2125' : '#ffffff',
      borderColor: dark ? '#393c42' : '#d6d5d1',
      textStyle: { color: dark ? '#e7e7e4' : '#1b1c1f', fontSize: 12 },
      valueFormatter: (value: unknown) => (typeof value === 'number' ? text(value) : '–'),
    },
    xAxis: {
      type: 'category' as const,
      data: periods.map(({ name }) => name),
      axisLine: { lineStyle: { color: ink } },
      ...axis,
    },
    yAxis: {
      type: 'value' as const,
      splitNumber: 4,
      splitLine: { lineStyle: { color: dark ? '#27292e' : '#e8e7e4' } },
      ...axis,
      axisLabel: { ...axis.axisLabel, formatter: (value: number) => text(value).replace(/\.00$/, '') },
    },
    series: series.map(({ name, values }, at) => ({
      name,
      type: lines ? ('line' as const) : ('bar' as const),
      symbolSize: 5,
      barMaxWidth: 28,
      ...(lines ? {} : { stack: 'all' }),
      data: values.map((value, place) =>
        lines || periods[place]?.whole !== false
          ? value
          : {
              value,
              itemStyle: { color: dark ? unfinished.dark : unfinished.light, opacity: 1 - at * 0.12 },
            },
      ),
    })),
  }
}
