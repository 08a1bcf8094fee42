import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { billKindWords, gapCauseWords } from '../../../server/finance/recon-lifecycle.ts'
import { get } from '../api.ts'
import { Button } from '../ui/button.tsx'
import { LoadError } from '../ui/empty.tsx'
import { count, Money } from '../ui/figures.tsx'
import { Choice } from '../ui/form.tsx'
import { useUrlState } from '../ui/search-params.ts'
import { useShop, useShops } from '../ui/session.ts'
import { PageHead } from '../ui/tabs.tsx'
import { shared } from '../ui/words.ts'
import { type Say, useSay, type Words } from '../words.ts'
import type { BillDayCauses, BillDayRow } from './types.ts'
import './finance.css'

const spans: readonly { days: number; words: Words }[] = [
  { days: 7, words: ['近 7 天', 'Last 7 days'] },
  { days: 14, words: ['近 14 天', 'Last 14 days'] },
  { days: 31, words: ['近 31 天', 'Last 31 days'] },
]

/** The day in China, so many days ago. */
function dayBefore(days: number): string {
  return new Date(Date.now() + 8 * 3_600_000 - days * 86_400_000).toISOString().slice(0, 10)
}

/** 按日对账: what platforms say they paid and took on each day, beside our settlements, and where the difference comes from. */
export default function BillDaysPage() {
  const say = useSay()
  const shops = useShops()
  const [search, setSearch] = useUrlState()
  const shop = search['shop'] ?? ''
  const days = spans.find((span) => String(span.days) === search['days'])?.days ?? 14
  const asked = { from: dayBefore(days - 1), to: dayBefore(0), ...(shop === '' ? {} : { shop }) }
  const found = useQuery({
    queryKey: ['/bill-days', asked],
    queryFn: () => get<{ rows: BillDayRow[] }>('/bill-days', asked),
  })
  return (
    <div className="page">
      <PageHead
        title={say(['按日对账', 'Bills by day'])}
        sub={say(['导入账单在平台对账里', 'Bills are imported under Bills'])}
      >
        <div className="row bill-choices">
          <Choice
            label={say(shared.shop)}
            value={shop}
            onChange={(next) => setSearch({ shop: next })}
            options={[
              { value: '', label: say(['全部', 'All']) },
              ...shops.map(({ id, name }) => ({ value: id, label: name })),
            ]}
          />
          <Choice
            label={say(['时间', 'Time'])}
            value={String(days)}
            onChange={(next) => setSearch({ days: next })}
            options={spans.map((span) => ({ value: String(span.days), label: say(span.words) }))}
          />
        </div>
      </PageHead>
      {found.error && <LoadError error={found.error} onRetry={() => void found.refetch()} />}
      {found.data && <Days rows={found.data.rows} />}
    </div>
  )
}

const keyOf = (row: BillDayRow) => `${row.day} ${row.shopId}`

function Days({ rows }: { rows: readonly BillDayRow[] }) {
  const say = useSay()
  const [open, setOpen] = useState('')
  if (rows.length === 0)
    return (
      <p className="bill-days t2">
        {say(['还没有账单。在平台对账里导入。', 'No bills yet. Import one under Bills.'])}{' '}
        <Link to="/bill-trades" search={{}}>
          {say(['平台对账', 'Bills'])}
        </Link>
      </p>
    )
  return (
    <div className="bill-days">
      <table className="plain-table">
        <thead>
          <tr>
            <th>{say(['日期', 'Day'])}</th>
            <th>{say(shared.shop)}</th>
            <th className="right">{say(['平台收款 ¥', 'Bill in ¥'])}</th>
            <th className="right">{say(['我们收款 ¥', 'Ours in ¥'])}</th>
            <th className="right">{say(['平台退款 ¥', 'Bill out ¥'])}</th>
            <th className="right">{say(['我们退款 ¥', 'Ours out ¥'])}</th>
            <th className="right">{say(['差额 ¥', 'Gap ¥'])}</th>
            <th className="right">{say(['费用 ¥', 'Fees ¥'])}</th>
            <th className="right">{say(['提现和其他 ¥', 'Rest ¥'])}</th>
            <th />
          </tr>
        </thead>
        <tbody>
          {rows.flatMap((row) => {
            const key = keyOf(row)
            return [
              <DayRow
                key={key}
                row={row}
                open={open === key}
                onOpen={() => setOpen(open === key ? '' : key)}
              />,
              ...(open === key
                ? [
                    <tr key={`${key} causes`}>
                      <td colSpan={10}>
                        <Causes row={row} />
                      </td>
                    </tr>,
                  ]
                : []),
            ]
          })}
        </tbody>
      </table>
    </div>
  )
}

function DayRow({ row, open, onOpen }: { row: BillDayRow; open: boolean; onOpen: () => void }) {
  const say = useSay()
  const shop = useShop(row.shopId)
  const gap = row.billInFen + row.billOutFen - row.ownInFen - row.ownOutFen
  const figures = [row.billInFen, row.ownInFen, row.billOutFen, row.ownOutFen]
  return (
    <tr>
      <td className="num">{row.day}</td>
      <td>{shop?.name ?? row.shopId}</td>
      {figures.map((fen, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the figures have their columns
        <td key={index} className="right">
          <Money fen={fen} />
        </td>
      ))}
      <td className="right">
        <b className={gap === 0 ? undefined : 'ink-bad'}>
          <Money fen={gap} />
        </b>
      </td>
      <td className="right">
        <Money fen={row.feeFen} />
      </td>
      <td className="right">
        <Money fen={row.restFen} />
      </td>
      <td>
        <Button kind="quiet" size="small" aria-expanded={open} onClick={onOpen}>
          {open ? say(['收起', 'Close']) : say(['原因', 'Causes'])}
        </Button>
      </td>
    </tr>
  )
}

type Cause = BillDayCauses['causes'][number]['cause']

function causeText(cause: Cause, say: Say): string {
  if (cause === '') return say(['一致', 'Even'])
  return cause === 'no_trade' ? say(['账单没写交易', 'The bill names no trade']) : say(gapCauseWords[cause])
}

/** Every fen of the day's difference by its cause, and what the platform called its lines. */
function Causes({ row }: { row: BillDayRow }) {
  const say = useSay()
  const asked = { shop: row.shopId, day: row.day }
  const { data, error, refetch } = useQuery({
    queryKey: ['/bill-days', 'causes', asked],
    queryFn: () => get<BillDayCauses>('/bill-days/causes', asked),
  })
  if (error) return <LoadError error={error} onRetry={() => void refetch()} />
  if (!data) return null
  return (
    <div className="bill-causes">
      <table className="plain-table">
        <thead>
          <tr>
            <th>{say(['原因', 'Cause'])}</th>
            <th className="right">{say(['交易', 'Trades'])}</th>
            <th className="right">{say(['平台 ¥', 'Bill ¥'])}</th>
            <th className="right">{say(['我们 ¥', 'Ours ¥'])}</th>
            <th className="right">{say(['差额 ¥', 'Gap ¥'])}</th>
          </tr>
        </thead>
        <tbody>
          {data.causes.map(({ cause, trades, billFen, ownFen }) => (
            <tr key={cause}>
              <td>
                {cause === '' || cause === 'no_trade' ? (
                  causeText(cause, say)
                ) : (
                  <Link to="/bill-trades" search={{ tab: 'all', shop: row.shopId, cause, day: row.day }}>
                    {causeText(cause, say)}
                  </Link>
                )}
              </td>
              <td className="right">{count(trades)}</td>
              <td className="right">
                <Money fen={billFen} />
              </td>
              <td className="right">
                <Money fen={ownFen} />
              </td>
              <td className="right">
                <Money fen={billFen - ownFen} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <table className="plain-table">
        <thead>
          <tr>
            <th>{say(['平台写的类型', 'Type in the bill'])}</th>
            <th className="right">{say(['行', 'Lines'])}</th>
            <th className="right">{say(['金额 ¥', 'Amount ¥'])}</th>
          </tr>
        </thead>
        <tbody>
          {data.types.map(({ kind, type, lines, amountFen }) => (
            <tr key={`${kind} ${type}`}>
              <td>
                {type || '–'} <span className="t3 small">{say(billKindWords[kind])}</span>
              </td>
              <td className="right">{count(lines)}</td>
              <td className="right">
                <Money fen={amountFen} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
