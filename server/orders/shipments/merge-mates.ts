import { sql } from 'kysely'
import type { Scope } from '../../core/access/actor.ts'
import { inScope } from '../../core/access/scope.ts'
import type { Database, Tx } from '../../core/db/db.ts'
import type { Row } from '../../core/db/rows.ts'
import type { Refusal } from '../../core/decide.ts'
import type { OrderStatus, Origin } from '../order/lifecycle.ts'
import { mergeFacts } from './merge-queries.ts'
import {
  byHand,
  couldJoin,
  isOneReceiver,
  type MergeFacts,
  type MergeSettings,
  whyNotWith,
} from './merge-rules.ts'

export type CandidatesWanted = { id: string; acrossShops: boolean }
/**
 * `mates`: order numbers of open orders that could be merged with the order. `unpaidMates`: order numbers of unpaid orders that could be
 * merged with the order once they are paid.
 */
export type MergeCandidates = { mates: string[]; unpaidMates: string[] }

/** Limits the open orders of one receiver that are read, and the order numbers that are returned. */
const lookedAtMax = 50
const toldMax = 5

/** Returns the merge candidates of each order, with two queries for all of them, by the index of receivers. */
export async function mergeCandidatesOf(
  db: Database | Tx,
  wanted: readonly CandidatesWanted[],
): Promise<Map<string, MergeCandidates>> {
  if (wanted.length === 0) return new Map()
  const ids = wanted.map(({ id }) => id)
  const facts = await mergeFacts(db, await withFirstCandidates(db, ids))
  const byId = new Map(facts.map((order) => [order.id, order]))
  const byReceiver = Map.groupBy(facts, ({ receiverHash }) => receiverHash)
  return new Map(
    wanted.flatMap(({ id, acrossShops }) => {
      const order = byId.get(id)
      if (!order || order.receiverHash === 0) return []
      return [
        [id, candidatesAmong(order, byReceiver.get(order.receiverHash) ?? [], { ...byTask, acrossShops })],
      ]
    }),
  )
}

/** An order that has ever been taken out of a merged shipment has no merge candidates, and is no candidate itself. */
const byTask: MergeSettings = { ...byHand, leaveApart: true }

function candidatesAmong(
  order: MergeFacts,
  others: readonly MergeFacts[],
  settings: MergeSettings,
): MergeCandidates {
  const told = (orders: readonly MergeFacts[]) =>
    orders
      .filter((other) => couldJoin(order, other, settings, others))
      .slice(0, toldMax)
      .map(({ no }) => no)
  return {
    mates: told(others),
    unpaidMates: told(others.flatMap((other) => (other.paidAt === null ? asPaid(other) : []))),
  }
}

const asPaid = (order: MergeFacts): MergeFacts => ({ ...order, paidAt: new Date(0) })

async function withFirstCandidates(db: Database | Tx, ids: readonly string[]): Promise<string[]> {
  const found = await sql<Row<'sales_order', 'id'>>`
    select id from unnest(${[...ids]}::bigint[]) asked (id)
    union
    select mate.id from (
      select distinct receiver_hash from sales_order where id = any(${[...ids]}::bigint[]) and receiver_hash <> 0
    ) r
    cross join lateral (
      select id from sales_order mate
      where mate.receiver_hash = r.receiver_hash and mate.receiver_hash <> 0 and mate.status in ('unconfirmed', 'confirmed')
      order by mate.receiver_hash, mate.id limit ${lookedAtMax}
    ) mate`.execute(db)
  return found.rows.map(({ id }) => id)
}

export type ShownCandidate = {
  id: string
  no: string
  origin: Origin
  status: OrderStatus
  why: Refusal | null
}

/**
 * Returns the open orders to the same receiver, each with the reason why it cannot be merged (null: it can). Orders of the same trade or
 * of the same merged shipment are left out.
 */
export async function shownCandidates(db: Database, id: string, scope: Scope): Promise<ShownCandidate[]> {
  const facts = await mergeFacts(db, await withFirstCandidates(db, [id]))
  const own = facts.find((order) => order.id === id)
  if (!own || own.receiverHash === 0 || !isOpen(own.status)) return []
  return facts
    .filter(
      (other) =>
        isOneReceiver(own, other) &&
        other.rootId !== own.rootId &&
        (other.parcel === null || other.parcel !== own.parcel) &&
        inScope(scope, other.shopId),
    )
    .map((other) => {
      const { origin, status } = other
      return {
        id: other.id,
        no: other.no,
        origin,
        status,
        why: whyNotWith(own, other, byHand, facts) ?? null,
      }
    })
}

const isOpen = (status: OrderStatus) => status === 'unconfirmed' || status === 'confirmed'
