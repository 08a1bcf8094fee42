import type { Client } from 'pg'
import type { Deed } from './books.ts'
import { doubled, type Notebook } from './differences.ts'

/** A number by the books of the source that gave it. `key`: the program's own key of the request; empty: the source does not keep it. */
export type GivenNumber = { waybill: string; parent: string; key: string; cancelled: boolean }

/** A request for a number by our tables, with the deliveries that have that number now. */
export type OurNumber = {
  shop: string
  source: string
  key: string
  state: string
  waybill: string
  packages: string[]
  sends: number
  /** How often giving it back was sent; 0: it was never to go back. */
  backs: number
  live: string[]
}

/** A source that can neither be asked which numbers it gave nor repeats an answer; its surplus is counted at night and named. */
const forgetful = 'pinduoduo'
/** Sources whose books have the program's own key of each request; the others make one of it. */
const keepKeys = ['cainiao', forgetful]
export const ownSource = 'kuaidi100'

/** Compares the numbers that a source gave to a shop with our requests. */
export function checkNumbers(
  note: Notebook,
  source: string,
  {
    given,
    ours,
    deeds,
  }: { given: readonly GivenNumber[]; ours: readonly OurNumber[]; deeds: readonly Deed[] },
): void {
  const known = new Map<string, OurNumber>()
  for (const one of ours) for (const no of [one.waybill, ...one.packages]) if (no !== '') known.set(no, one)
  const requests = new Map(ours.map((one) => [one.key, one]))
  for (const { waybill, key, cancelled } of given) {
    const one = known.get(waybill)
    if (!one) {
      const asked = requests.get(key)
      note.holds(
        'a number that a source gave is with us, or is named as surplus',
        waybill,
        source === forgetful && (asked?.sends ?? 0) > 1,
        { key, asked },
      )
      continue
    }
    if (key !== '') note.same('a number belongs to the request that asked for it', waybill, key, one.key)
    if (one.state !== 'returning')
      note.same(
        'what we call given back the source has back, and nothing else',
        waybill,
        cancelled,
        one.state === 'returned',
      )
    note.holds(
      'a delivery has no number that its source has back',
      waybill,
      !cancelled || one.live.length === 0,
      one,
    )
  }
  const theirs = new Set(given.map(({ waybill }) => waybill))
  // Where the parcel has a main number of its own, only the packages have labels.
  for (const [no, one] of known)
    note.holds(
      'a number of ours is one that its source gave',
      no,
      theirs.has(no) || given.some(({ parent }) => parent === no),
      one,
    )
  note.same('a source gives a number once', '', [], doubled(given.map(({ waybill }) => waybill)))
  const backs = Map.groupBy(
    deeds.filter(({ action, accepted }) => action === 'waybill_cancel' && accepted),
    ({ key }) => key,
  )
  for (const [waybill, times] of backs)
    note.holds(
      'nothing is given back more often than it was sent',
      waybill,
      times.length <= (known.get(waybill)?.backs ?? 0),
      { times: times.length, one: known.get(waybill) },
    )
}

export async function readNumbers(client: Client): Promise<OurNumber[]> {
  const { rows } = await client.query<OurNumber>(`
    select s.name as shop, a.source, 'd' || w.delivery_id || '_' || w.round as key, w.state, w.waybill_no as waybill, w.sends,
      array(select k.waybill_no from waybill_package k where k.waybill_id = w.id order by k.nth) as packages,
      coalesce((select sum(p.attempt) from platform_action p where p.kind = 'waybill.back' and p.subject_id = w.id::text), 0)::int as backs,
      array(
        select d.no from delivery d where d.status <> 'cancelled' and w.waybill_no <> '' and d.waybill_no = w.waybill_no
          and d.courier = w.courier order by d.id) as live
    from waybill w join waybill_account a on a.id = w.account_id join shop s on s.id = a.shop_id order by w.id`)
  return rows
}

type Label = { waybill: string; parent: string; objectId: string; cancelled: boolean }
type OwnLabel = { waybill: string; children: string[]; cancelled: boolean }

/** Every number that the e-waybill service of a shop's platform gave it. */
export async function givenTo(controlUrl: string, shop: string, source: string): Promise<GivenNumber[]> {
  const { labels } = await getJson<{ labels: Label[] }>(`${controlUrl}/labels/${shop}`)
  return labels.map(({ objectId, waybill, parent, cancelled }) => ({
    ...{ waybill, parent, cancelled },
    key: keepKeys.includes(source) ? objectId : '',
  }))
}

/** Every number that 快递100 gave. */
export async function givenByKuaidi100(controlUrl: string): Promise<GivenNumber[]> {
  const { labels } = await getJson<{ labels: OwnLabel[] }>(`${controlUrl}/kuaidi100`)
  return labels.flatMap(({ waybill, children, cancelled }) =>
    [waybill, ...children].map((no) => ({
      ...{ waybill: no, key: '', cancelled },
      parent: children.length === 0 ? '' : waybill,
    })),
  )
}

async function getJson<T>(url: string): Promise<T> {
  const response = await fetch(url)
  if (!response.ok) throw new Error(`${url} answers ${response.status}`)
  // The simulator's README documents this type.
  return response.json() as Promise<T>
}
