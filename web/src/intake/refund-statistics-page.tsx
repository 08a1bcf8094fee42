import { useQuery } from '@tanstack/react-query'
import { duties, dutyWords } from '../../../server/intake/desk-rules.ts'
import { get } from '../api.ts'
import { Segments } from '../ui/button.tsx'
import { Empty, LoadError } from '../ui/empty.tsx'
import { count, Money } from '../ui/figures.tsx'
import { Chips } from '../ui/filter-bar.tsx'
import { type Field, toQuery } from '../ui/filters.ts'
import { useUrlState } from '../ui/search-params.ts'
import { PageHead } from '../ui/tabs.tsx'
import { shared } from '../ui/words.ts'
import { type Say, useSay, type Words } from '../words.ts'
import { ShopLabel } from './cells.tsx'
import './refund-statistics.css'
import type { RefundStatistics } from './types.ts'
import { refundKindWords } from './words.ts'

const sides = {
  reason: ['原因', 'Reason'],
  shop: ['店铺', 'Shop'],
  goods: ['商品编码', 'Goods'],
  duty: ['责任', 'Borne by'],
  kind: ['类型', 'Type'],
  day: ['日期', 'Day'],
} as const satisfies Record<string, Words>
type Side = keyof typeof sides
const sideNames: readonly Side[] = ['reason', 'shop', 'goods', 'duty', 'kind', 'day']

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

/** Which filter a row's key narrows by. */
const narrowsBy: Partial<Record<Side, string>> = {
  reason: 'reason',
  shop: 'shop',
  goods: 'outerId',
  duty: 'duty',
  kind: 'kind',
}

/** 退款统计: why money is asked back, how often and how much, and who bears it. */
export default function RefundStatisticsPage() {
  const say = useSay()
  const [search, setSearch] = useUrlState()
  const by = sideNames.find((name) => name === search['by']) ?? 'reason'
  const query = { by, ...toQuery(fields, search) }
  const { data, error, refetch } = useQuery({
    queryKey: ['/aftersale/statistics', query],
    queryFn: () => get<RefundStatistics>('/aftersale/statistics', query),
    staleTime: 30_000,
    placeholderData: (before) => before,
  })
  const narrow = (key: string) => {
    const field = narrowsBy[by]
    const value = key === '' && field === 'duty' ? 'none' : key
    if (field && value !== '') setSearch({ [field]: value, by: by === 'reason' ? 'goods' : 'reason' })
  }
  return (
    <div className="page">
      <PageHead title={say(['退款统计', 'Refund statistics'])}>
        <Segments
          label={say(['分组', 'Group by'])}
          value={by}
          options={sideNames.map((value) => ({ value, label: say(sides[value]) }))}
          onChange={(value) => setSearch({ by: value === 'reason' ? '' : value })}
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
  return (
    <table className="statistics" aria-label={say(sides[by])}>
      <thead>
        <tr>
          <th scope="col">{say(sides[by])}</th>
          <th scope="col" className="num">
            {say(['笔数', 'Refunds'])}
          </th>
          <th scope="col" aria-label={say(['占比', 'Share'])} />
          <th scope="col" className="num">
            {say(['申请金额 ¥', 'Asked ¥'])}
          </th>
          <th scope="col" className="num">
            {say(['已退笔数', 'Paid'])}
          </th>
          <th scope="col" className="num">
            {say(['已退金额 ¥', 'Paid ¥'])}
          </th>
        </tr>
      </thead>
      <tbody>
        {data.rows.map((row) => (
          <tr key={row.key}>
            <th scope="row">
              {narrowsBy[by] ? (
                <button type="button" className="link" onClick={() => onNarrow(row.key)}>
                  <Name by={by} name={row.key} />
                </button>
              ) : (
                <Name by={by} name={row.key} />
              )}
            </th>
            <td className="num">{count(row.count)}</td>
            <td className="bar">
              <i style={{ width: `${(100 * row.count) / most}%` }} aria-hidden="true" />
              <span className="t2 num">
                {((100 * row.count) / Math.max(1, data.total.count)).toFixed(1)}%
              </span>
            </td>
            <td className="num">
              <Money fen={row.amountFen} />
            </td>
            <td className="num">{count(row.paidCount)}</td>
            <td className="num">
              <Money fen={row.paidFen} />
            </td>
          </tr>
        ))}
      </tbody>
      <tfoot>
        <tr>
          <th scope="row">{say(['合计', 'Total'])}</th>
          <td className="num">{count(data.total.count)}</td>
          <td />
          <td className="num">
            <Money fen={data.total.amountFen} />
          </td>
          <td className="num">{count(data.total.paidCount)}</td>
          <td className="num">
            <Money fen={data.total.paidFen} />
          </td>
        </tr>
      </tfoot>
    </table>
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
