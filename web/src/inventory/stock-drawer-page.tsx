import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense, useEffect, useRef, useState } from 'react'
import type { DocumentKind } from '../../../server/inventory/lifecycle.ts'
import { kindWords } from '../../../server/inventory/lifecycle.ts'
import { get } from '../api.ts'
import { type Act, Acts } from '../ui/act/acts.tsx'
import { actorText } from '../ui/base/actor.ts'
import { LoadError } from '../ui/base/empty.tsx'
import { every } from '../ui/base/every.ts'
import { count, Time } from '../ui/base/figures.tsx'
import { PageLink } from '../ui/base/page-link.tsx'
import { useAllowed } from '../ui/base/session.ts'
import { Status } from '../ui/base/status.tsx'
import { useRows } from '../ui/list/rows.ts'
import { useUrlState } from '../ui/list/search-params.ts'
import { Drawer, Section } from '../ui/overlay/drawer.tsx'
import { type LocalizedPair, useSay } from '../words.ts'
import './inventory.css'
import { Change, Pieces } from './sku.tsx'
import type { Movement, Reservation, StockRow } from './types.ts'

const DocumentDialog = lazy(() => import('./document-dialog-page.tsx'))

/** A SKU in one warehouse: its balance there and elsewhere, movements, and reservations. */
export default function StockDrawer({
  rows,
  step,
  onClose,
}: {
  rows: readonly StockRow[]
  step: (by: number) => void
  onClose: () => void
}) {
  const say = useSay()
  const [search] = useUrlState()
  const id = search['open'] ?? ''
  const found = useQuery({
    queryKey: ['/stock', id],
    queryFn: () => get('/stock/:id', { id }),
    refetchInterval: every(15_000),
  })
  const stock = found.data?.stock
  return (
    <Drawer
      label={say(['库存 {code}', 'Stock of {code}'], { code: stock?.code ?? '' })}
      at={rows.findIndex((row) => row.id === id)}
      total={rows.length}
      step={step}
      onClose={onClose}
      title={
        stock && (
          <>
            <h2>{stock.code}</h2>
            {stock.short > 0 && <Status tone="bad">{say(['缺货', 'Short'])}</Status>}
            <span className="t2 small cut">{[stock.name, stock.spec].filter(Boolean).join(' · ')}</span>
          </>
        )
      }
      foot={stock && <StockActs key={stock.id} stock={stock} />}
    >
      {found.error && <LoadError error={found.error} onRetry={() => void found.refetch()} />}
      {found.data && stock && (
        <>
          <Balance stock={stock} />
          <div className="drawer-body" key={id}>
            <div className="drawer-main">
              <Warehouses rows={found.data.warehouses} at={stock.warehouseId} />
              <Movements id={id} onHand={stock.onHand} />
            </div>
            <div className="drawer-side">
              <Reservations id={id} stock={stock} />
            </div>
          </div>
        </>
      )}
    </Drawer>
  )
}

/** The balance as a sum: on hand less reserved less frozen is available. */
function Balance({ stock }: { stock: StockRow }) {
  const say = useSay()
  const parts: { words: LocalizedPair; sign: string; value: number; tone?: string }[] = [
    { words: ['在库', 'On hand'], sign: '', value: stock.onHand },
    { words: ['占用', 'Reserved'], sign: '−', value: stock.reserved },
    { words: ['锁定', 'Locked'], sign: '−', value: stock.locked },
    { words: ['可用', 'Available'], sign: '=', value: stock.available },
  ]
  return (
    <div className="stock-sum">
      {parts.map(({ words, sign, value }) => (
        <div key={words[1]}>
          <p className="t3 small">{say(words)}</p>
          <p className="num">
            {sign && <span className="t3">{sign} </span>}
            {count(value)}
          </p>
        </div>
      ))}
      <div className="apart">
        <p className="t3 small">{say(['缺货', 'Short'])}</p>
        <p className={stock.short > 0 ? 'num ink-bad' : 'num'}>{count(stock.short)}</p>
      </div>
      <div>
        <p className="t3 small">{say(['在途', 'In transit'])}</p>
        <p className="num">{count(stock.inTransit)}</p>
      </div>
    </div>
  )
}

function Warehouses({ rows, at }: { rows: readonly StockRow[]; at: string }) {
  const say = useSay()
  const [, setSearch] = useUrlState()
  return (
    <Section title={say(['各仓库', 'By warehouse'])}>
      <table className="plain-table">
        <thead>
          <tr>
            <th>{say(['仓库', 'Warehouse'])}</th>
            <th className="right">{say(['在库', 'On hand'])}</th>
            <th className="right">{say(['占用', 'Reserved'])}</th>
            <th className="right">{say(['锁定', 'Locked'])}</th>
            <th className="right">{say(['可用', 'Available'])}</th>
            <th className="right">{say(['缺货', 'Short'])}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.id}>
              <td className={row.warehouseId === at ? 'medium' : ''}>
                {row.warehouseId === at ? (
                  row.warehouseName
                ) : (
                  <button type="button" className="link" onClick={() => setSearch({ open: row.id })}>
                    {row.warehouseName}
                  </button>
                )}
              </td>
              <td className="right">
                <Pieces of={row.onHand} />
              </td>
              <td className="right">
                <Pieces of={row.reserved} />
              </td>
              <td className="right">
                <Pieces of={row.locked} />
              </td>
              <td className="right">
                <Pieces of={row.available} strong />
              </td>
              <td className="right">
                <Pieces of={row.short} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Section>
  )
}

/** Reads a list again when a figure changes that is read with it, because the two belong together. */
function useReadAgain(figure: number | string, refetch: () => void): void {
  const before = useRef(figure)
  useEffect(() => {
    if (before.current === figure) return
    before.current = figure
    refetch()
  }, [figure, refetch])
}

function Movements({ id, onHand }: { id: string; onHand: number }) {
  const say = useSay()
  const list = useRows<Movement>('/stock/:id/movements', { id }, { limit: 50 })
  useReadAgain(onHand, list.refetch)
  let after = onHand
  const rows = list.rows.map((row) => {
    const balance = after
    after -= row.quantity
    return { ...row, balance }
  })
  return (
    <Section title={say(['出入库', 'Movements'])}>
      {rows.length === 0 && !list.loading && <p className="t3">{say(['还没有出入库', 'None yet'])}</p>}
      {rows.length > 0 && (
        <table className="plain-table">
          <thead>
            <tr>
              <th>{say(['时间', 'Time'])}</th>
              <th>{say(['单据', 'Document'])}</th>
              <th className="right">{say(['变动', 'Change'])}</th>
              <th className="right">{say(['结存', 'Balance'])}</th>
              <th>{say(['谁', 'By'])}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.id}>
                <td className="t2">
                  <Time at={row.at} />
                </td>
                <td>
                  <MovementSource row={row} />
                </td>
                <td className="right">
                  <Change by={row.quantity} />
                </td>
                <td className="right">{count(row.balance)}</td>
                <td className="t2">{actorText(row.createdBy, say)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <More list={list} />
    </Section>
  )
}

const stepWords = {
  ship: ['发货', 'Shipped'],
  back: ['撤销发货', 'Taken back'],
  out: ['调拨出', 'Transfer out'],
  in: ['调拨入', 'Transfer in'],
} as const satisfies Record<string, LocalizedPair>

function MovementSource({ row }: { row: Movement }) {
  const say = useSay()
  if (row.documentKind === 'order') {
    return (
      <>
        {say(row.step % 2 === 1 ? stepWords.ship : stepWords.back)}{' '}
        <OrderLink id={row.documentId} no={row.documentNo} />
      </>
    )
  }
  if (row.documentKind === 'return' || row.documentKind === 'parcel') {
    const isReturn = row.documentKind === 'return'
    return (
      <PageLink
        to={isReturn ? '/returns' : '/unclaimed-parcels'}
        search={{ tab: 'all', open: row.documentId, ...(isReturn ? {} : { ids: row.documentId }) }}
      >
        {say(isReturn ? ['退货入库', 'Return'] : ['无主件入库', 'Unclaimed parcel'])}
      </PageLink>
    )
  }
  const words =
    row.documentKind === 'transfer'
      ? say(row.step === 1 ? stepWords.out : stepWords.in)
      : say(kindWords[row.documentKind])
  return (
    <>
      {words}{' '}
      <PageLink to="/stock-documents" search={{ open: row.documentId }}>
        {row.documentNo}
      </PageLink>
    </>
  )
}

function OrderLink({ id, no }: { id: string; no: string }) {
  const say = useSay()
  if (id === '') return <span className="t3">{say(['其他店铺的订单', "Another shop's order"])}</span>
  return (
    <PageLink to="/orders" search={{ open: id }}>
      {no}
    </PageLink>
  )
}

function Reservations({ id, stock }: { id: string; stock: StockRow }) {
  const say = useSay()
  const list = useRows<Reservation>('/stock/:id/reservations', { id }, { limit: 50 })
  useReadAgain(`${stock.reserved} ${stock.short}`, list.refetch)
  return (
    <Section
      title={say(['订单', 'Orders'])}
      aside={say(['占用 {reserved} · 缺 {short}', '{reserved} reserved, {short} short'], {
        reserved: count(stock.reserved),
        short: count(stock.short),
      })}
    >
      {list.rows.length === 0 && !list.loading && (
        <p className="t3">{say(['没有订单占用', 'No order has reserved it'])}</p>
      )}
      <ul className="holders">
        {list.rows.map((row) => (
          <li key={row.id}>
            <div className="cut">
              <OrderLink id={row.orderId} no={row.orderNo} />
            </div>
            <Status tone={row.reserved > 0 ? 'ok' : 'bad'}>
              {row.reserved > 0
                ? say(['占 {n}', 'holds {n}'], { n: count(row.wanted) })
                : say(['缺 {n}', 'short {n}'], { n: count(row.wanted) })}
            </Status>
            <span className="t3 small">
              <Time at={row.paidAt} />
            </span>
          </li>
        ))}
      </ul>
      <More list={list} />
    </Section>
  )
}

function More({ list }: { list: { hasMore: boolean; more: () => void } }) {
  const say = useSay()
  if (!list.hasMore) return null
  return (
    <button type="button" className="link" onClick={list.more}>
      {say(['再看更早的', 'Show earlier ones'])}
    </button>
  )
}

/** Buttons that open a new stock document for this SKU. */
function StockActs({ stock }: { stock: StockRow }) {
  const why = useAllowed()('inventory.write')
  const [kind, setKind] = useState<DocumentKind>()
  const act = (words: LocalizedPair, letter: string, of: DocumentKind): Act => ({
    name: of,
    words,
    letter,
    why,
    run: () => setKind(of),
  })
  const acts = [
    act(['调整…', 'Adjust…'], 'A', 'adjustment'),
    act(['调拨…', 'Transfer…'], 'T', 'transfer'),
    act(['盘点…', 'Count…'], 'C', 'count'),
    act(['锁定…', 'Lock…'], 'L', 'lock'),
  ]
  return (
    <>
      <Acts acts={acts} busy={false} />
      <Suspense>
        {kind && (
          <DocumentDialog
            start={{ kind, warehouseId: stock.warehouseId, lines: `${stock.code} ` }}
            onClose={() => setKind(undefined)}
          />
        )}
      </Suspense>
    </>
  )
}
