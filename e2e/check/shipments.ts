import type { Client } from 'pg'
import type { ShopBooks } from './books.ts'
import type { Notebook } from './differences.ts'

/** A delivery that has left, by our tables, with the trades in it. */
export type OurShipment = {
  shop: string
  tids: string[]
  waybill: string
  /** The former waybill that the platform has, after 改运单; empty: it has `waybill`. */
  shown: string
  told: boolean
}

/** Compares what our program shipped on a platform with our deliveries that have left. */
export function checkShipments(note: Notebook, books: ShopBooks, ours: readonly OurShipment[]): void {
  const byTrade = new Map<string, OurShipment[]>()
  for (const one of ours) for (const tid of one.tids) byTrade.set(tid, [...(byTrade.get(tid) ?? []), one])
  for (const { tid, lines } of books.trades.values()) {
    const here = byTrade.get(tid) ?? []
    for (const { oid, shipments, waybill } of lines) {
      const id = `${tid} ${oid}`
      note.holds('a line is shipped once on the platform', id, shipments <= 1, shipments)
      if (shipments > 0)
        note.holds(
          'what the platform shipped left us, under the number that the platform has',
          id,
          here.some((one) => (one.shown || one.waybill) === waybill),
          { waybill, here },
        )
    }
    const told = here.some((one) => one.told)
    if (told)
      note.holds(
        'what we call written back the platform shipped',
        tid,
        lines.some(({ waybill }) => waybill !== ''),
        here,
      )
  }
}

export async function readShipments(client: Client): Promise<OurShipment[]> {
  const { rows } = await client.query<OurShipment>(`
    select s.name as shop, d.waybill_no as waybill, d.shown_waybill as shown, d.write_back = 'done' as told,
      array(select distinct l.tid from order_line l where l.order_id = d.order_id and l.tid <> '') as tids
    from delivery d join shop s on s.id = d.shop_id where d.status = 'shipped' order by d.id`)
  return rows
}
