import { useQuery } from '@tanstack/react-query'
import { Fragment, useEffect, useRef, useState } from 'react'
import { billKindWords, gapCauseWords } from '../../../server/finance/recon-lifecycle.ts'
import { get } from '../api.ts'
import { ShopLabel } from '../intake/cells.tsx'
import { Button } from '../ui/base/button.tsx'
import { Empty, LoadError } from '../ui/base/empty.tsx'
import { count, Money } from '../ui/base/figures.tsx'
import { useKeys } from '../ui/base/keys.ts'
import { PageLink } from '../ui/base/page-link.tsx'
import { useShops } from '../ui/base/session.ts'
import { scopeSetting } from '../ui/base/store.ts'
import { shared } from '../ui/base/words.ts'
import { Choice } from '../ui/form/form.tsx'
import { useUrlState } from '../ui/list/search-params.ts'
import { useTableKeys } from '../ui/list/table-keys.ts'
import { PageHead } from '../ui/list/tabs.tsx'
import { type LocalizedPair, type Say, useSay } from '../words.ts'
import type { BillDayCauses, BillDayRow } from './types.ts'
import './finance.css'

const spans: readonly { days: number; words: LocalizedPair }[] = [
  { days: 7, words: ['近 7 天', 'Last 7 days'] },
  { days: 14, words: ['近 14 天', 'Last 14 days'] },
  { days: 31, words: ['近 31 天', 'Last 31 days'] },
]

/** Returns the day in China this many days ago. */
function dayBefore(days: number): string {
  return new Date(Date.now() + 8 * 3_600_000 - days * 86_400_000).toISOString().slice(0, 10)
}

/** 按日对账: the platforms' payments and charges of each day beside our settlements, with the causes of the difference. */
export default function BillDaysPage() {
  const say = useSay()
  const shops = useShops()
  const [search, setSearch] = useUrlState()
  const shop = search['shop'] ?? ''
  const days = spans.find((span) => String(span.days) === search['days'])?.days ?? 14
  const scope = scopeSetting.use()
  const within = shop || scope
  const asked = { from: dayBefore(days - 1), to: dayBefore(0), ...(within === '' ? {} : { shop: within }) }
  const found = useQuery({
    queryKey: ['/bill-days', asked],
    queryFn: () => get('/bill-days', asked),
  })
  const next = spans[(spans.findIndex((span) => span.days === days) + 1) % spans.length]
  useKeys([
    { key: 'f', words: ['选店铺', 'choose the shop'], run: chooseShop },
    { key: 't', words: ['换一段时间', 'another time'], run: () => setSearch({ days: String(next?.days) }) },
  ])
  return (
    <div className="page">
      <PageHead
        title={say(['按日对账', 'Bills by day'])}
        sub={
          <PageLink to="/bill-trades">
            {say(['导入账单在平台对账', 'Bills are imported under Bills'])}
          </PageLink>
        }
      >
        <div className="head-choices">
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

const chooseShop = () => document.querySelector<HTMLSelectElement>('.head-choices select')?.focus()

const keyOf = (row: BillDayRow) => `${row.day} ${row.shopId}`

function Days({ rows }: { rows: readonly BillDayRow[] }) {
  const say = useSay()
  const [open, setOpen] = useState('')
  const toggle = (row: BillDayRow) => setOpen(open === keyOf(row) ? '' : keyOf(row))
  const ofRow = useTableKeys(rows.length, (at) => rows[at] && toggle(rows[at]))
  useKeys([{ key: 'Escape', words: ['收起', 'close'], run: () => setOpen('') }])
  if (rows.length === 0)
    return (
      <Empty
        title={say(['这段时间没有账单', 'No bill in this time'])}
        remedy={say([
          '在平台对账按 I 导入平台账单，这里按天和结算单相比。',
          'Import a bill under Bills with I; here its days stand beside our settlements.',
        ])}
      >
        <PageLink to="/bill-trades" className="button">
          {say(['去平台对账', 'To Bills'])}
        </PageLink>
      </Empty>
    )
  return (
    <div className="scroll">
      <table className="plain-table bill-days">
        <DayHead />
        <tbody>
          {rows.map((row, at) => (
            <Fragment key={keyOf(row)}>
              <DayRow row={row} open={open === keyOf(row)} onOpen={() => toggle(row)} {...ofRow(at)} />
              {open === keyOf(row) && (
                <tr className="bill-opened">
                  <td colSpan={10}>
                    <Causes row={row} />
                  </td>
                </tr>
              )}
            </Fragment>
          ))}
        </tbody>
        <Sums rows={rows} />
      </table>
    </div>
  )
}

const figures: readonly { words: LocalizedPair; of: (row: BillDayRow) => number; bold?: true }[] = [
  { words: ['平台收款 ¥', 'Bill in ¥'], of: (row) => row.billInFen },
  { words: ['我们收款 ¥', 'Ours in ¥'], of: (row) => row.ownInFen },
  { words: ['平台退款 ¥', 'Bill out ¥'], of: (row) => row.billOutFen },
  { words: ['我们退款 ¥', 'Ours out ¥'], of: (row) => row.ownOutFen },
  {
    words: ['差额 ¥', 'Gap ¥'],
    of: (row) => row.billInFen + row.billOutFen - row.ownInFen - row.ownOutFen,
    bold: true,
  },
  { words: ['费用 ¥', 'Fees ¥'], of: (row) => row.feeFen },
  { words: ['提现和其他 ¥', 'Withdrawn, other ¥'], of: (row) => row.restFen },
]

function DayHead() {
  const say = useSay()
  return (
    <thead>
      <tr>
        <th scope="col">{say(['日期', 'Day'])}</th>
        <th scope="col">{say(shared.shop)}</th>
        {figures.map(({ words }) => (
          <th key={words[1]} scope="col" className="right">
            {say(words)}
          </th>
        ))}
        <th scope="col" aria-label={say(['原因', 'Causes'])} />
      </tr>
    </thead>
  )
}

function DayRow({
  row,
  open,
  onOpen,
  ...focus
}: {
  row: BillDayRow
  open: boolean
  onOpen: () => void
} & ReturnType<ReturnType<typeof useTableKeys>>) {
  const say = useSay()
  return (
    <tr {...focus}>
      <td className="num">{row.day}</td>
      <td>
        <ShopLabel id={row.shopId} />
      </td>
      {figures.map(({ words, of, bold }) => (
        <td key={words[1]} className="right">
          {bold ? <Gap fen={of(row)} /> : <Money fen={of(row)} />}
        </td>
      ))}
      <td className="right">
        <Button kind="quiet" size="small" aria-expanded={open} onClick={onOpen}>
          {open ? say(['收起', 'Close']) : say(['原因', 'Causes'])}
        </Button>
      </td>
    </tr>
  )
}

function Gap({ fen }: { fen: number }) {
  return (
    <span className={fen === 0 ? 't3' : 'ink-bad'}>
      <Money fen={fen} />
    </span>
  )
}

function Sums({ rows }: { rows: readonly BillDayRow[] }) {
  const say = useSay()
  if (rows.length < 2) return null
  return (
    <tfoot>
      <tr>
        <th scope="row" colSpan={2}>
          {say(['合计', 'Total'])}
        </th>
        {figures.map(({ words, of, bold }) => {
          const fen = rows.reduce((sum, row) => sum + of(row), 0)
          return (
            <td key={words[1]} className="right">
              {bold ? <Gap fen={fen} /> : <Money fen={fen} />}
            </td>
          )
        })}
        <td />
      </tr>
    </tfoot>
  )
}

type Cause = BillDayCauses['causes'][number]['cause']

function causeText(cause: Cause, say: Say): string {
  if (cause === '') return say(['一致', 'Reconciled'])
  return cause === 'no_trade' ? say(['账单没写交易', 'The bill names no trade']) : say(gapCauseWords[cause])
}

/** The causes of the day's difference, which sum to it exactly, and the platform's bill by type of row. */
function Causes({ row }: { row: BillDayRow }) {
  const asked = { shop: row.shopId, day: row.day }
  const { data, error, refetch } = useQuery({
    queryKey: ['/bill-days', 'causes', asked],
    queryFn: () => get('/bill-days/causes', asked),
  })
  const box = useRef<HTMLDivElement>(null)
  const here = data !== undefined
  // Focuses the first link to a cause, so that Enter opens it.
  useEffect(() => {
    if (here) box.current?.querySelector('a')?.focus({ preventScroll: true })
  }, [here])
  if (error) return <LoadError error={error} onRetry={() => void refetch()} />
  if (!data) return null
  return (
    <div ref={box} className="bill-causes">
      <CauseTable row={row} causes={data.causes} />
      <TypeTable types={data.types} />
    </div>
  )
}

function CauseTable({ row, causes }: { row: BillDayRow } & Pick<BillDayCauses, 'causes'>) {
  const say = useSay()
  return (
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
        {causes.map(({ cause, trades, billFen, ownFen }) => (
          <tr key={cause}>
            <td>
              {cause === '' || cause === 'no_trade' ? (
                causeText(cause, say)
              ) : (
                <PageLink to="/bill-trades" search={{ tab: 'all', shop: row.shopId, cause, day: row.day }}>
                  {causeText(cause, say)}
                </PageLink>
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
              <Gap fen={billFen - ownFen} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function TypeTable({ types }: Pick<BillDayCauses, 'types'>) {
  const say = useSay()
  return (
    <table className="plain-table">
      <thead>
        <tr>
          <th>{say(['平台写的类型', 'Type in the bill'])}</th>
          <th className="right">{say(['行', 'Lines'])}</th>
          <th className="right">{say(['金额 ¥', 'Amount ¥'])}</th>
        </tr>
      </thead>
      <tbody>
        {types.map(({ kind, type, lines, amountFen }) => (
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
  )
}
