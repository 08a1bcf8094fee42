import { sql } from 'kysely'
import { wholeScope } from '../../server/core/access/actor.ts'
import type { Action, ActionHandler } from '../../server/core/outbox/handlers.ts'
import { giveBackNumbers } from '../../server/fulfilment/waybills/give-back.ts'
import { givingBack, takingNumbers } from '../../server/fulfilment/waybills/outbox.ts'
import { takeNumbers } from '../../server/fulfilment/waybills/take.ts'
import type { OpenedShop } from '../../server/shops/calls.ts'
import { aWaybill } from '../../server/testing/shipping.ts'
import { clerk } from '../one-shop.ts'
import { attempt } from './desk-attempt.ts'
import type { Desk } from './desk-place.ts'

const by = { actor: clerk, scope: wholeScope }

/** 取号 and 退号 at the desk. */
export const numberClicks = ['take', 'take', 'take', 'giveBack'] as const
export type NumberClick = (typeof numberClicks)[number]

export async function withNumbers(
  desk: Desk,
  click: NumberClick,
  deliveries: readonly string[],
): Promise<void> {
  if (click === 'giveBack') {
    await attempt(desk, (tx) => giveBackNumbers(tx, deliveries, '', by))
    return
  }
  await attempt(desk, async (tx) => {
    await sql`
      insert into waybill_account (shop_id, source, courier, sender, template_url, created_by)
      select id, 'cainiao', 'SF', '', 'http://127.0.0.1/1', '' from shop on conflict do nothing`.execute(tx)
    await takeNumbers(tx, deliveries, by)
  })
}

/** A source that loses calls and answers, and gives the same request the same number. */
export function numberHandlers(
  answer: (refusal: string, heard: () => void) => null,
): ActionHandler<OpenedShop>[] {
  const given = new Map<string, string>()
  const numberOf = (id: string) => {
    const known = given.get(id) ?? aWaybill()
    given.set(id, known)
    return known
  }
  return [
    {
      ...takingNumbers,
      lookAfterSeconds: 0,
      async send(_shop, action) {
        const ids = asked(action)
        answer('no_balance', () => ids.forEach(numberOf))
        const taken = ids.map((id) => ({ id, waybillNo: numberOf(id), parentNo: '', printData: 'bm9uZQ==' }))
        return { taken, failed: [] }
      },
    },
    { ...givingBack, lookAfterSeconds: 0, send: async () => answer('under_way', () => {}) },
  ]
}

const asked = ({ payload }: Action): string[] =>
  typeof payload === 'object' &&
  payload !== null &&
  'waybillIds' in payload &&
  Array.isArray(payload.waybillIds)
    ? payload.waybillIds.map(String)
    : []
