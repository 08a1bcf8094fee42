import { useQuery } from '@tanstack/react-query'
import { refundKindWords } from '../../../../server/connectors/words-contract.ts'
import { duties, dutyWords } from '../../../../server/intake/aftersales/desk-rules.ts'
import { get } from '../../api.ts'
import { Segments } from '../../ui/base/button.tsx'
import { Empty, LoadError } from '../../ui/base/empty.tsx'
import { count, Money } from '../../ui/base/figures.tsx'
import { useKeys } from '../../ui/base/keys.ts'
import { scopeSetting } from '../../ui/base/store.ts'
import { shared } from '../../ui/base/words.ts'
import { Chips } from '../../ui/list/filter-bar.tsx'
import { type Field, toQuery } from '../../ui/list/filters.ts'
import { useUrlState } from '../../ui/list/search-params.ts'
import { useTableKeys } from '../../ui/list/table-keys.ts'
import { PageHead } from '../../ui/list/tabs.tsx'
import { type LocalizedPair, type Say, useSay } from '../../words.ts'
import { ShopLabel } from '../cells.tsx'
import './refund-statistics.css'
import type { RefundStatistics } from '../types.ts'

const sides = {
  reason: ['原因', 'Reason'],
  shop: ['店铺', 'Shop'],
  goods: ['商品编码', 'Goods'],
  duty: ['责任', 'Borne by'],
  kind: ['类型', 'Type'],
  day: ['日期', 'Day'],
} as const satisfies Record<string, LocalizedPair>
type Side = keyof typeof sides
const sideNames: readonly Side[] = ['reason', 'shop', 'goods', 'duty', 'kind', 'day']
const byWords: Record<Side, LocalizedPair> = {
  reason: ['按原因', 'by reason'],
  shop: ['按店铺', 'by shop'],
  goods: ['按商品编码', 'by goods'],
  duty: ['按责任', 'by responsibility'],
  kind: ['按类型', 'by type'],
  day: ['按日期', 'by day'],
}

const fields: readonly Field[] = [
  { key: 'created', label: ['申请时间', 'Asked at'], kind: 'period' },
  { key: 'shop', label: shared.shop, kind: 'shops' },
  {
    key: 'kind',
    label: ['类型', 'Type'],
    kind: 'options',
    options: Object.entries(refundKindWords).map(([value, label]) => ({ value, label })),
  },
  {
    key: 'duty',
    label: ['责任', 'Borne by'],
    kind: 'options',
    options: [
      ...duties.map((value) => ({ value, label: dutyWords[value] })),
      { value: 'none', label: ['未判', 'Not said'] },
    ],
  },
  { key: 'reason', label: ['原因', 'Reason'], kind: 'text' },
  { key: 'outerId', label: ['商家编码', 'Outer code'], kind: 'text' },
]

/** The filter that a click on a row of each dimension sets. */
const narrowsBy: Partial<Record<Side, string>> = {
  reason: 'reason',
  shop: 'shop',
  goods: 'outerId',
  duty: 'duty',
  kind: 'kind',
}

/** 退款统计: number and amount of refunds by reason, shop, goods and so on. */
export default function RefundStatisticsPage() {
  const say = useSay()
  const [search, setSearch] = useUrlState()
  const by = sideNames.find((name) => name === search['by']) ?? 'reason'
  const scope = scopeSetting.use()
  const query = { by, ...(scope === '' ? {} : { shop: scope }), ...toQuery(fields, search) }
  const { data, error, refetch } = useQuery({
    queryKey: ['/aftersale/statistics', query],
    queryFn: () => get('/aftersale/statistics', query),
    staleTime: 30_000,
    placeholderData: (before) => before,
  })
  const group = (side: Side) => setSearch({ by: side === 'reason' ? '' : side })
  useKeys([
    ...sideNames.map((side, at) => ({
      key: String(at + 1),
      words: byWords[side],
      run: () => group(side),
    })),
    {
      key: 'Escape',
      words: ['去掉筛选', 'drop the filters'],
      run: () => setSearch(Object.fromEntries(fields.map(({ key }) => [key, '']))),
    },
  ])
  const narrow = (key: string) => {
    const field = narrowsBy[by]
    const value = key === '' && field === 'duty' ? 'none' : key
    if (field && value !== '') setSearch({ [field]: value, by: by === 'reason' ? 'goods' : 'reason' })
  }
  return (
    <div className="page">
      <PageHead
        title={say(['退款统计', 'Refund statistics'])}
        sub={say(['点一行再往下分；数字键换分组', 'A row narrows down; figures change the grouping'])}
      >
        <Segments
          label={say(['分组', 'Group by'])}
          value={by}
          options={sideNames.map((value) => ({ value, label: say(sides[value]) }))}
          onChange={group}
        />
      </PageHead>
      <div className="filter-bar" role="toolbar" aria-label={say(['筛选', 'Filter'])}>
        <Chips fields={fields} />
      </div>
      <div className="scroll">
        {error && <LoadError error={error} onRetry={() => void refetch()} />}
        {data && data.rows.length === 0 && (
          <Empty
            title={say(['这段时间没有退款', 'No refund in this period'])}
            remedy={say(['换一段时间，或去掉筛选。', 'Choose another period, or drop filters.'])}
          />
        )}
        {data && data.rows.length > 0 && <Table by={by} data={data} onNarrow={narrow} />}
      </div>
    </div>
  )
}

function Table({
  by,
  data,
  onNarrow,
}: {
  by: Side
  data: RefundStatistics
  onNarrow: (key: string) => void
}) {
  const say = useSay()
  const most = Math.max(1, ...data.rows.map((row) => row.count))
  const ofRow = useTableKeys(data.rows.length, (at) => {
    const row = data.rows[at]
    if (row) onNarrow(row.key)
  })
  return (
    <table className="plain-table statistics" aria-label={say(sides[by])}>
      <Head by={by} />
      <tbody>
        {data.rows.map((row, at) => (
          <tr key={row.key} {...ofRow(at)}>
            <th scope="row">
              {narrowsBy[by] ? (
                <button type="button" className="link" onClick={() => onNarrow(row.key)}>
                  <Name by={by} name={row.key} />
                </button>
              ) : (
                <Name by={by} name={row.key} />
              )}
            </th>
            <Figures row={row} />
            <td className="right t2">{percent(row.count, data.total.count)}</td>
            <td className="bar">
              <i style={{ width: `${(100 * row.count) / most}%` }} aria-hidden="true" />
            </td>
          </tr>
        ))}
      </tbody>
      <tfoot>
        <tr>
          <th scope="row">{say(['合计', 'Total'])}</th>
          <Figures row={data.total} />
          <td colSpan={2} />
        </tr>
      </tfoot>
    </table>
  )
}

const percent = (count: number, of: number) => `${((100 * count) / Math.max(1, of)).toFixed(1)}%`

function Head({ by }: { by: Side }) {
  const say = useSay()
  const figures: readonly LocalizedPair[] = [
    ['笔数', 'Refunds'],
    ['申请金额 ¥', 'Asked ¥'],
    ['已退笔数', 'Paid back'],
    ['已退金额 ¥', 'Paid back ¥'],
  ]
  return (
    <thead>
      <tr>
        <th scope="col">{say(sides[by])}</th>
        {figures.map((words) => (
          <th key={words[1]} scope="col" className="right">
            {say(words)}
          </th>
        ))}
        <th scope="col" className="right">
          {say(['笔数占比', 'Share'])}
        </th>
        <td className="bar" />
      </tr>
    </thead>
  )
}

function Figures({ row }: { row: RefundStatistics['total'] }) {
  return (
    <>
      <td className="right">{count(row.count)}</td>
      <td className="right">
        <Money fen={row.amountFen} />
      </td>
      <td className="right">{count(row.paidCount)}</td>
      <td className="right">
        <Money fen={row.paidFen} />
      </td>
    </>
  )
}

function Name({ by, name }: { by: Side; name: string }) {
  const say = useSay()
  if (by === 'shop') return <ShopLabel id={name} />
  return <>{textOf(by, name, say)}</>
}

function textOf(by: Side, name: string, say: Say): string {
  if (by === 'duty') {
    const duty = duties.find((one) => one === name)
    return duty ? say(dutyWords[duty]) : say(['未判', 'Not said'])
  }
  if (by === 'kind') {
    const kind = Object.entries(refundKindWords).find(([one]) => one === name)?.[1]
    return kind ? say(kind) : name
  }
  return name === '' ? say(['没有填', 'None given']) : name
}
