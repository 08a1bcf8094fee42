import type { Actor, By, Scope } from '../../core/access/actor.ts'
import type { Tx } from '../../core/db/db.ts'
import type { Outcome, Refusal } from '../../core/decide.ts'
import { maskName, maskPhone } from '../../lib/mask.ts'
import { makeBuyerKeys } from '../../lib/people.ts'
import { type KeyRing, seal } from '../../lib/seal.ts'
import { noOrder, withinScope } from '../order/access.ts'
import { type Personal, personalOf } from '../order/personal.ts'
import { addOrderEvents } from '../order/queries.ts'
import { insertEntries, type NewEntry, ordersSealed, removeEntries } from './blacklist-queries.ts'
import type { blacklistKinds } from './contract.ts'

type Kind = (typeof blacklistKinds)[number]
/** The data of the buyer in a blacklist entry, which is stored sealed; `sealedAs` is the value that the seal is bound to. */
export type BlacklistKeys = { nick: string; receiver: { name: string; mobile: string; phone: string } }
export const sealedAs = 'blacklist'

export type BlacklistInput = { by: readonly Kind[]; reason: string; until: Date | null }

/**
 * 拉黑: blacklists the buyers of these orders by phone, by name and district, or by nick. A masked phone is combined with the name,
 * because it alone fits too many buyers. A phone without a digit, and by name and by nick a masked value, make no entry.
 */
export function blacklistBuyers(
  tx: Tx,
  ring: KeyRing,
  { ids, input }: { ids: readonly string[]; input: BlacklistInput },
  { actor, scope }: { actor: Actor; scope: Scope },
): Promise<Outcome[]> {
  return withinScope(tx, ids, scope, async (granted) => {
    const orders = await ordersSealed(tx, granted)
    const wanted = orders.flatMap((order): NewEntry[] => {
      if (!order.personal) return []
      const personal = personalOf(ring, order.shopId, order.personal)
      return input.by.flatMap((kind) => entryOf(ring, kind, personal, order) ?? [])
    })
    const unlike = new Map(wanted.map((entry) => [`${entry.keys.join()}/${entry.region}`, entry]))
    const added = await insertEntries(tx, [...unlike.values()], input, actor.name)
    const fresh = new Set(added)
    const isFresh = (entry: NewEntry) => fresh.has(`${entry.keys.join()}/${entry.region}`)
    const done = new Set(wanted.filter(isFresh).map(({ orderId }) => orderId))
    const known = new Set(wanted.map(({ orderId }) => orderId))
    await addOrderEvents(
      tx,
      [...done].map((orderId) => ({ orderId, event: 'blacklisted', detail: { note: input.reason } })),
      actor,
    )
    return orders.map(({ id, no }): Outcome => {
      if (done.has(id)) return { id, done: true, ref: no }
      return { id, done: false, ref: no, ...(known.has(id) ? already : masked) }
    })
  })
}

const already = { code: 'already', message: { zh: '已在黑名单', en: 'Blacklisted already' } }
const masked = {
  code: 'masked',
  message: {
    zh: '平台没有给出可认人的信息，换一种方式',
    en: 'The platform masks what would be needed; choose another mark',
  },
}

function entryOf(
  ring: KeyRing,
  kind: Kind,
  { nick, receiver }: Personal,
  order: { id: string; shopId: string; region: string },
): NewEntry | undefined {
  const phone = receiver.mobile || receiver.phone
  const clear = (text: string) => text !== '' && !text.includes('*')
  const name = receiver.name
  if (kind === 'phone') {
    // A phone of stars alone makes no key, and a name of stars alone fits every buyer.
    if (!/\d/.test(phone) || (!clear(phone) && !/[^*\s]/.test(name))) return undefined
    const withName = clear(phone) ? '' : name
    return entry(ring, kind, order, {
      marks: { nick: '', receiver: { name: withName, mobile: phone, phone: '' } },
      masked: [maskName(withName), maskPhone(phone)].filter(Boolean).join(' '),
    })
  }
  if (kind === 'nick')
    return clear(nick)
      ? entry(ring, kind, order, {
          marks: { nick, receiver: { name: '', mobile: '', phone: '' } },
          masked: maskName(nick),
        })
      : undefined
  if (!clear(name) || order.region === '') return undefined
  return entry(ring, kind, order, {
    marks: { nick: '', receiver: { name, mobile: '', phone: '' } },
    masked: maskName(name),
    region: order.region,
  })
}

function entry(
  ring: KeyRing,
  kind: Kind,
  { id: orderId, shopId }: { id: string; shopId: string },
  { marks, masked: shown, region = '' }: { marks: BlacklistKeys; masked: string; region?: string },
): NewEntry {
  return {
    orderId,
    shopId,
    kind,
    keys: keysOf(ring, marks),
    region,
    masked: shown,
    personal: seal(ring, sealedAs, JSON.stringify(marks)),
  }
}

/** Returns the buyer keys of an entry, without the key of the phone's last digits, which too many buyers share. */
export function keysOf(ring: KeyRing, { nick, receiver }: BlacklistKeys): number[] {
  const alone = (person: BlacklistKeys) => makeBuyerKeys(ring, 0, person).slice(0, 1)
  const none = { name: '', mobile: '', phone: '' }
  return [
    ...alone({ nick: '', receiver: { ...none, mobile: receiver.mobile || receiver.phone } }),
    ...alone({ nick: '', receiver: { ...none, name: receiver.name } }),
    ...alone({ nick, receiver: none }),
  ]
}

export async function removeFromBlacklist(
  tx: Tx,
  ids: readonly string[],
  { actor, scope }: By,
): Promise<Outcome[]> {
  const removed = new Set(await removeEntries(tx, ids, actor.name, scope))
  return [...new Set(ids)].map(
    (id): Outcome => (removed.has(id) ? { id, done: true } : { id, done: false, ...notListed }),
  )
}

const notListed: Refusal = { ...noOrder, message: { zh: '黑名单里没有', en: 'Not on the blacklist' } }
