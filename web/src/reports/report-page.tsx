import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense, useMemo, useState } from 'react'
import {
  addCells,
  dimensionWords,
  isReport,
  type Measure,
  measured,
  periodName,
  reportNames,
  reports,
  stepNames,
} from '../../../server/reports/report-rules.ts'
import { get } from '../api.ts'
import { Button, Segments } from '../ui/base/button.tsx'
import { Empty, LoadError } from '../ui/base/empty.tsx'
import { every } from '../ui/base/every.ts'
import { useKeys } from '../ui/base/keys.ts'
import { useShops } from '../ui/base/session.ts'
import { scopeSetting } from '../ui/base/store.ts'
import { dateOf, longDay } from '../ui/base/time.ts'
import { shared } from '../ui/base/words.ts'
import { Choice } from '../ui/form/form.tsx'
import { ExportButton } from '../ui/list/export-button.tsx'
import { useUrlState } from '../ui/list/search-params.ts'
import { PageHead, Tabs } from '../ui/list/tabs.tsx'
import { SaveView, type View, Views } from '../ui/list/views.tsx'
import { type LocalizedPair, useLanguage, useSay } from '../words.ts'
import { CellRows } from './cell-rows.tsx'
import type { Series } from './chart-page.tsx'
import { useDark } from './dark.ts'
import { figureText } from './figure-text.ts'
import { Kpis } from './kpis.tsx'
import { type At, Pivot } from './pivot.tsx'
import { useRowName } from './row-name.ts'
import { leastStep, ownDays, spans } from './spans.ts'
import { Subscriptions } from './subscriptions.tsx'
import type { Figures } from './types.ts'
import './reports.css'

const Chart = lazy(() => import('./chart-page.tsx'))
const OwnDays = lazy(() => import('./own-days-page.tsx'))

const stepWords: Record<(typeof stepNames)[number], LocalizedPair> = {
  day: ['日', 'Day'],
  week: ['周', 'Week'],
  month: ['月', 'Month'],
}

/** The report that the address asks for, and the usual choices for all that it leaves open. */
function useAsked() {
  const [search, setSearch] = useUrlState()
  const scope = scopeSetting.use()
  const name = isReport(search['report'] ?? '') ? (search['report'] as (typeof reportNames)[number]) : 'sales'
  const report = reports[name]
  const dimension = report.dimensions.find((one) => one === search['rows']) ?? report.dimensions[0] ?? 'shop'
  const measure = report.measures.find(({ key }) => key === search['by']) ?? (report.measures[0] as Measure)
  const span = spans.find(({ key }) => key === search['days']) ?? spans[0]
  const own = ownDays(search)
  const days = own ?? span?.of(dateOf(Date.now())) ?? { from: '', to: '' }
  const usual = !own && search['days'] === 'year' ? 'month' : leastStep(days)
  const step = stepNames.find((one) => one === search['step']) ?? usual
  const shop = search['shop'] || scope
  return { name, report, dimension, measure, span, own, days, step, shop, search, setSearch }
}
type Asked = ReturnType<typeof useAsked>

/** 报表: figures by day from the documents, with the documents behind each cell. */
export default function ReportPage() {
  const say = useSay()
  const asked = useAsked()
  const { name, report, dimension, measure, days, step, shop, setSearch } = asked
  const query = { report: name, ...days, rows: dimension, step, by: measure.key, shop }
  const found = useQuery({
    queryKey: ['/reports/figures', query],
    queryFn: () => get('/reports/figures', query),
    staleTime: 30_000,
    refetchInterval: every(60_000),
  })
  const [subscribes, setSubscribes] = useState(false)
  const toSubscriptions = () => setSubscribes((open) => !open)
  useKeys([
    { key: 's', words: ['订阅', 'Subscribe'], run: toSubscriptions },
    ...reportNames.map((each, at) => ({
      key: String(at + 1),
      words: reports[each].words,
      run: () => setSearch({ report: each, rows: '', by: '' }),
    })),
  ])
  return (
    <div className="page">
      <PageHead
        title={say(['报表', 'Reports'])}
        tabs={
          <Tabs
            label={say(['报表', 'Reports'])}
            tabs={reportNames.map((key) => ({ key, title: reports[key].words }))}
            value={name}
            onChange={(next) => setSearch({ report: next, rows: '', by: '' })}
          />
        }
      >
        <ExportButton list="reports" query={query} />
        <Button letter="S" onClick={toSubscriptions}>
          {say(['订阅…', 'Subscribe…'])}
        </Button>
      </PageHead>
      {subscribes && (
        <Subscriptions
          shown={{ report: name, rows: dimension, measure, shop }}
          onClose={() => setSubscribes(false)}
        />
      )}
      <Filters asked={asked} />
      {found.error && <LoadError error={found.error} onRetry={() => void found.refetch()} />}
      {found.data && <Body key={JSON.stringify(query)} asked={asked} data={found.data} />}
      <Defined words={report.defined} data={found.data} />
    </div>
  )
}

function Filters({ asked }: { asked: Asked }) {
  const say = useSay()
  const shops = useShops()
  const { report, dimension, measure, span, step, search, setSearch } = asked
  return (
    <div className="filter-bar report-filters" role="toolbar" aria-label={say(['筛选', 'Filter'])}>
      <Views list="reports" builtIn={views} kept={kept} tab="report" />
      <i className="rule" />
      <Choice
        label={say(['时间', 'Time'])}
        value={asked.own ? ownKey : (span?.key ?? '7')}
        onChange={(days) =>
          setSearch(days === ownKey ? { ...asked.days, step: '' } : { days, from: '', to: '', step: '' })
        }
        options={[
          ...spans.map(({ key, words }) => ({ value: key, label: say(words) })),
          { value: ownKey, label: say(['自选日期', 'Own dates']) },
        ]}
      />
      {asked.own && (
        <Suspense>
          <OwnDays days={asked.own} onChange={(next) => setSearch({ ...next, step: '' })} />
        </Suspense>
      )}
      <Choice
        label={say(shared.shop)}
        value={search['shop'] ?? ''}
        onChange={(shop) => setSearch({ shop })}
        options={[
          { value: '', label: say(shared.all) },
          ...shops.map(({ id, name }) => ({ value: id, label: name })),
        ]}
      />
      {report.dimensions.length > 1 && (
        <Choice
          label={say(['行', 'Rows'])}
          value={dimension}
          onChange={(rows) => setSearch({ rows })}
          options={report.dimensions.map((one) => ({ value: one, label: say(dimensionWords[one]) }))}
        />
      )}
      <Choice
        label={say(['值', 'Figure'])}
        value={measure.key}
        onChange={(by) => setSearch({ by })}
        options={report.measures.map(({ key, words }) => ({ value: key, label: say(words) }))}
      />
      <span className="row push">
        <Segments
          label={say(['列', 'Columns'])}
          value={step}
          options={stepNames.map((value) => ({ value, label: say(stepWords[value]) }))}
          onChange={(next) => setSearch({ step: next })}
        />
        <SaveView list="reports" kept={kept} />
      </span>
    </div>
  )
}

const ownKey = 'own'

/** What a view keeps of the address. A span such as last week is kept as such, so a view goes with the calendar. */
const kept = ['report', 'rows', 'by', 'days', 'from', 'to', 'step', 'shop']
const views: readonly View[] = [
  { name: ['上周店铺', 'Shops last week'], search: { report: 'sales', rows: 'shop', days: 'week' } },
  { name: ['本月商品', 'Goods this month'], search: { report: 'goods', days: 'month' } },
  { name: ['上月发货时效', 'Shipping time last month'], search: { report: 'deadlines', days: 'before' } },
]

function Body({ asked, data }: { asked: Asked; data: Figures }) {
  const say = useSay()
  const { name, report, dimension, measure, shop, days, setSearch } = asked
  // A figure of another page opens its documents by the address.
  const [open, setOpen] = useState<At | undefined>(
    asked.search['open'] === 'total' ? { row: undefined, period: undefined } : undefined,
  )
  const rowName = useRowName(dimension)
  const names = useMemo(() => namesOf(data), [data])
  if (data.rows.length === 0)
    return (
      <Empty
        title={say(['这段时间没有数据', 'Nothing in this time'])}
        remedy={say(['换一段时间，或去掉店铺筛选。', 'Choose another time, or drop the shop.'])}
      />
    )
  const openSpan = open?.period === undefined ? days : (data.periods[open.period] ?? days)
  const cell =
    open && (open.period === undefined ? addCells(cellsOf(open, data)) : cellsOf(open, data)[open.period])
  return (
    <div className="scroll report-body">
      <Kpis report={report} data={data} measure={measure} onPick={({ key }) => setSearch({ by: key })} />
      <ChartOf asked={asked} data={data} names={names} rowName={rowName} />
      <Pivot
        data={data}
        dimension={dimension}
        measure={measure}
        periodNames={names}
        onOpen={setOpen}
        onClose={() => setOpen(undefined)}
      />
      {open && (
        <CellRows
          cell={{
            report: name,
            dimension,
            measure,
            span: { from: openSpan.from, to: openSpan.to },
            days,
            row: open.others ? undefined : open.row,
            others: open.others === true,
            shop,
          }}
          title={`${open.others ? say(['其余', 'Others']) : open.row ? rowName(open.row) : say(['合计', 'Total'])}, ${open.period === undefined ? `${days.from} ${days.to}` : names[open.period]}`}
          figure={figureText(measure, measured(measure, data.columns, cell ?? null), say)}
          onClose={() => setOpen(undefined)}
        />
      )}
    </div>
  )
}

const cellsOf = ({ row, others }: At, data: Figures) =>
  others ? data.others.cells : (row?.cells ?? data.total)

const namesOf = ({ periods }: Figures) => periods.map(periodName)

const seriesMost = 5

/** Bars of the largest rows on each other, or lines where figures do not add up. */
function ChartOf(props: {
  asked: Asked
  data: Figures
  names: readonly string[]
  rowName: ReturnType<typeof useRowName>
}) {
  const say = useSay()
  const { asked, data, names, rowName } = props
  const { measure } = asked
  const language = useLanguage()
  const dark = useDark()
  // biome-ignore lint/correctness/useExhaustiveDependencies: `say` is one function for all languages, and the words change with the language
  const chart = useMemo(() => {
    const valuesOf = (cells: Figures['total']) => cells.map((cell) => measured(measure, data.columns, cell))
    const lines = measure.per !== undefined
    const shown = data.rows.slice(0, seriesMost)
    const rest = [...data.rows.slice(seriesMost).map(({ cells }) => cells), data.others.cells]
    const restSums = data.periods.map((_, at) => addCells(rest.map((cells) => cells[at] ?? null)))
    const series: Series[] = shown.map((row) => ({ name: rowName(row), values: valuesOf(row.cells) }))
    if (lines) series.unshift({ name: say(['全部', 'All']), values: valuesOf(data.total) })
    else if (restSums.some((cell) => cell !== null))
      series.push({ name: say(['其余', 'Others']), values: valuesOf(restSums) })
    const periods = data.periods.map(({ over, due }, at) => ({ name: names[at] ?? '', whole: over && !due }))
    const text = (value: number) => figureText(measure, value, say)
    return { label: say(measure.words), periods, series, lines, text, dark }
  }, [measure, data, names, rowName, language, dark])
  return (
    <div className="report-chart">
      <Suspense>
        <Chart chart={chart} />
      </Suspense>
    </div>
  )
}

/** How the figures are defined, and up to when they are complete. */
function Defined({ words, data }: { words: LocalizedPair; data: Figures | undefined }) {
  const say = useSay()
  return (
    <footer className="report-defined small t2">
      <b>{say(['口径', 'How it is counted'])}</b> {say(words)}{' '}
      {data && (
        <span className="num">
          {data.waiting > 0
            ? say(
                [
                  '还有 {n} 天没算，正在算；其余的算到 {at}。',
                  '{n} {n|day|days} still to be computed; the others are complete up to {at}.',
                ],
                { n: data.waiting, at: longDay(Date.parse(data.at)) },
              )
            : say(['算到 {at}。', 'Complete up to {at}.'], { at: longDay(Date.parse(data.at)) })}
        </span>
      )}
    </footer>
  )
}
