import { couriers } from '../../connectors/couriers.ts'
import type { Actor, By } from '../../core/access/actor.ts'
import type { Tx } from '../../core/db/db.ts'
import type { Outcome, Refusal } from '../../core/decide.ts'
import { AppError } from '../../errors.ts'
import { facet, has, hashFacet } from '../../lib/facets.ts'
import { maskReceiver, regionOf } from '../../lib/mask.ts'
import { makeBuyerKeys, receiverHashes } from '../../lib/people.ts'
import { type KeyRing, seal } from '../../lib/seal.ts'
import { shortRegion, textHash } from '../../lib/text-hash.ts'
import { redoSourcingOfChanged } from '../allocation/goods.ts'
import { answerOrders, withoutForeignEditLocks } from '../order/access.ts'
import { flagFacets, withCourier } from '../order/facets.ts'
import { type EditField, editFields, editRules, eventLabels, whyNotEdited } from '../order/lifecycle.ts'
import { personalOf } from '../order/personal.ts'
import { addOrderEvents, type LockedOrder, lockOrders } from '../order/queries.ts'
import { type EditedOrder, type EditedRow, editedOrders, lastActs, writeEdits } from './edit-queries.ts'
import { judgeAgain } from './judge-again.ts'

export type ReceiverEdit = Partial<
  Record<
    'name' | 'mobile' | 'phone' | 'province' | 'city' | 'district' | 'town' | 'address' | 'zip',
    string | undefined
  >
>
export type OrderEdit = {
  id: string
  version?: number | undefined
  receiver?: ReceiverEdit | undefined
  courier?: string | undefined
  services?: { toDoor?: boolean | undefined; insuredFen?: number | null | undefined } | undefined
  urgent?: boolean | undefined
  ownNote?: string | undefined
}

/**
 * 修改: changes receiver, courier, courier services, urgency and own note, as long as `editRules` allows each. If the order is newer than the
 * version that the person saw, the refusal names who changed what. A changed receiver is sealed again, and the values computed from it are updated.
 */
export function editOrders(
  tx: Tx,
  ring: KeyRing,
  edits: readonly OrderEdit[],
  { actor, scope }: By,
): Promise<Outcome[]> {
  const byId = new Map(edits.map((edit) => [edit.id, edit]))
  for (const { courier, receiver } of edits) {
    if (courier) refuseUnknown(courier)
    if (receiver) refuseMasks(receiver)
  }
  return withoutForeignEditLocks(tx, [...byId.keys()], { actor, scope }, async (granted) => {
    const orders = await lockOrders(tx, granted)
    const stale = orders.filter((order) => (byId.get(order.id)?.version ?? order.version) !== order.version)
    const acts = await lastActs(
      tx,
      stale.map(({ id }) => id),
    )
    const refusals = new Map<string, Refusal>()
    for (const order of stale) refusals.set(order.id, changedBy(acts.get(order.id)))
    const refuse = (id: string, refusal: Refusal | undefined) => refusal && refusals.set(id, refusal)
    for (const order of orders)
      if (!refusals.has(order.id)) refuse(order.id, whyNot(order, byId.get(order.id)))
    const edited = await editedOrders(
      tx,
      granted.filter((id) => !refusals.has(id)),
    )
    for (const order of edited) {
      const receiver = byId.get(order.id)?.receiver
      if (receiver) refuse(order.id, whyNotReceiver(ring, order, receiver))
    }
    const free = edited.map(({ id }) => id).filter((id) => !refusals.has(id))
    const changed = changesOf(
      ring,
      edited.filter(({ id }) => !refusals.has(id)),
      byId,
    )
    for (const id of free) if (!changed.has(id)) refusals.set(id, nothingNew)
    await write(tx, [...changed.values()], actor)
    return answerOrders(granted, orders, (order) => refusals.get(order.id))
  })
}

/**
 * Chooses the courier of orders whose parcels have no number any more, also after their release. The caller has locked them. Throws
 * `invalid_input` for a courier that does not exist.
 */
export async function chooseCourier(
  tx: Tx,
  ids: readonly string[],
  courier: string,
  actor: Actor,
): Promise<void> {
  refuseUnknown(courier)
  const orders = (await editedOrders(tx, ids)).filter((order) => order.courier !== courier)
  await writeEdits(
    tx,
    orders.map((order) => ({
      ...{ id: order.id, courier, urgent: order.urgent, ownNote: order.ownNote, receiver: null },
      insuredFen: order.insuredFen,
      facets: withCourier(order.facets, courier),
    })),
  )
  const { event } = editRules.courier
  await addOrderEvents(
    tx,
    orders.map(({ id }) => ({ orderId: id, event, detail: { courier } })),
    actor,
  )
}

type Change = { row: EditedRow; fields: EditField[]; tokenDropped: boolean }

const nothingNew: Refusal = { code: 'already', message: { zh: '没有改动', en: 'Nothing to change' } }

/** Returns the refusal for a person who saw an older version. It names the latest event and who did it. */
export function changedBy(act: { event: string; by: string } | undefined): Refusal {
  const words = (act && eventLabels[act.event]) ?? { zh: '改动', en: 'changed' }
  const by = act?.by ?? ''
  return {
    code: 'changed',
    message: {
      zh: `${by} 刚刚动过：${words.zh}。刷新后再改`,
      en: `${by} was faster: ${words.en.toLowerCase()}. Reload and try again`,
    },
  }
}

function whyNot(order: LockedOrder, edit: OrderEdit | undefined): Refusal | undefined {
  const fields = editFields.filter((field) => edit?.[field] !== undefined)
  return fields.map((field) => whyNotEdited(order.status, field)).find(Boolean)
}

function changesOf(
  ring: KeyRing,
  orders: readonly EditedOrder[],
  edits: ReadonlyMap<string, OrderEdit>,
): Map<string, Change> {
  const changed = new Map<string, Change>()
  for (const order of orders) {
    const { receiver, courier = order.courier, urgent = order.urgent, ownNote } = edits.get(order.id) ?? {}
    const note = ownNote?.trim() ?? order.ownNote
    const was = { toDoor: order.facets.includes(doorFacet), insuredFen: order.insuredFen }
    const { toDoor = was.toDoor, insuredFen = was.insuredFen } = edits.get(order.id)?.services ?? {}
    const sealed = receiver ? withReceiver(ring, order, receiver) : null
    const fields = [
      ...(sealed ? (['receiver'] as const) : []),
      ...(courier === order.courier ? [] : (['courier'] as const)),
      ...(toDoor === was.toDoor && insuredFen === was.insuredFen ? [] : (['services'] as const)),
      ...(urgent === order.urgent ? [] : (['urgent'] as const)),
      ...(note === order.ownNote ? [] : (['ownNote'] as const)),
    ]
    if (fields.length === 0) continue
    const facets = facetsOf(sealed?.facets ?? order.facets, { courier, urgent, toDoor })
    const row = { id: order.id, facets, courier, urgent, insuredFen, ownNote: note, receiver: sealed }
    changed.set(order.id, { row, fields, tokenDropped: sealed?.tokenDropped ?? false })
  }
  return changed
}

/**
 * Returns the refusal if an edit would leave masked parts in a receiver that the platform masks. The token means the whole old
 * receiver and is dropped with the edit, so every masked part must be given in full.
 */
function whyNotReceiver(ring: KeyRing, order: EditedOrder, edit: ReceiverEdit): Refusal | undefined {
  const held = personalOf(ring, order.shopId, order.personal)
  if (held.receiver.token === '') return undefined
  const after = { ...held.receiver, ...definedOf(edit) }
  const changes = editedParts.some((part) => after[part] !== held.receiver[part])
  const stays = maskedParts.filter(({ part }) => after[part].includes('*'))
  if (!changes || stays.length === 0) return undefined
  return {
    code: 'receiver_masked',
    message: {
      zh: `平台只给了脱敏收件人，面单凭它的密文打印。要改就把${stays.map(({ zh }) => zh).join('、')}也填全`,
      en: `The platform masks this receiver and prints it from its token. To change it, give the ${stays.map(({ part }) => part).join(', ')} as well`,
    },
  }
}

const editedParts = [
  'name',
  'mobile',
  'phone',
  'province',
  'city',
  'district',
  'town',
  'address',
  'zip',
] as const
const maskedParts = [
  { part: 'name', zh: '收件人' },
  { part: 'mobile', zh: '手机' },
  { part: 'phone', zh: '电话' },
  { part: 'town', zh: '街道' },
  { part: 'address', zh: '详细地址' },
] as const

const definedOf = (edit: ReceiverEdit) =>
  Object.fromEntries(Object.entries(edit).filter(([, value]) => value !== undefined))

/**
 * Returns the receiver with the edit applied; null: nothing changes. The platform's token means the old receiver, so it is removed;
 * `whyNotReceiver` has made sure that the new receiver has no masked part.
 */
function withReceiver(ring: KeyRing, order: EditedOrder, edit: ReceiverEdit) {
  const held = personalOf(ring, order.shopId, order.personal)
  const receiver = { ...held.receiver, ...definedOf(edit), token: '' }
  if (editedParts.every((part) => receiver[part] === held.receiver[part])) return null
  const [from, to] = [facet('province', 0), facet('orderStatus', 0)]
  const province = receiver.province ? [hashFacet('province', textHash(shortRegion(receiver.province)))] : []
  return {
    personal: seal(ring, order.shopId, JSON.stringify({ ...held, receiver })),
    masked: maskReceiver(receiver),
    hash: receiverHashes(ring, receiver, { shopId: order.shopId, nick: held.nick })[0] ?? 0,
    region: regionOf(receiver),
    people: makeBuyerKeys(ring, 0, { nick: held.nick, receiver }),
    tokenDropped: held.receiver.token !== '',
    // Removes the old province and appends the new one. The first five facets are read by their position and keep their places.
    facets: [
      ...order.facets.slice(0, 4),
      ...order.facets.slice(4).filter((one) => one < from || one >= to),
      ...province,
    ],
  }
}

const doorFacet = facet('has', has.toDoor)

function facetsOf(
  facets: readonly number[],
  { courier, urgent, toDoor }: { courier: string; urgent: boolean; toDoor: boolean },
): number[] {
  return [
    ...withCourier(facets, courier).filter((one) => one !== flagFacets.urgent && one !== doorFacet),
    ...(urgent ? [flagFacets.urgent] : []),
    ...(toDoor ? [doorFacet] : []),
  ]
}

async function write(tx: Tx, changes: readonly Change[], actor: Actor): Promise<void> {
  if (changes.length === 0) return
  await writeEdits(
    tx,
    changes.map(({ row }) => row),
  )
  await addOrderEvents(
    tx,
    changes.flatMap(({ row, fields, tokenDropped }) =>
      fields.map((field) => ({
        orderId: row.id,
        event: editRules[field].event,
        detail:
          field === 'courier'
            ? { courier: row.courier }
            : field === 'services'
              ? { toDoor: row.facets.includes(doorFacet), insuredFen: row.insuredFen }
              : field === 'urgent'
                ? { urgent: row.urgent }
                : field === 'receiver' && tokenDropped
                  ? { token: 'dropped' }
                  : {},
      })),
    ),
    actor,
  )
  const elsewhere = changes.filter(({ row }) => row.receiver !== null).map(({ row }) => row.id)
  await redoSourcingOfChanged(tx, elsewhere, actor)
  await judgeAgain(
    tx,
    changes.map(({ row }) => row.id),
    actor,
  )
}

function refuseUnknown(code: string): void {
  const known = couriers.some((courier) => courier.code === code)
  if (!known) throw new AppError('invalid_input', { detail: 'courier' }, 'courier')
}

/** Refuses values with asterisks: they were copied from the masked display and would overwrite the real value. */
function refuseMasks(receiver: ReceiverEdit): void {
  const masked = Object.entries(receiver).find(([, value]) => value?.includes('*'))?.[0]
  if (masked === undefined) return
  const detail = { zh: '不能含 *，填完整内容', en: 'may not hold *; give the whole text' }
  throw new AppError('invalid_input', { detail }, `receiver.${masked}`)
}
