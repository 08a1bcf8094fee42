import { sql } from 'kysely'
import { wholeScope } from '../../server/core/access/actor.ts'
import type { Action, ActionHandler } from '../../server/core/outbox/handlers.ts'
import { setPackages } from '../../server/fulfilment/desk/set-packages.ts'
import { giveBackNumbers } from '../../server/fulfilment/waybills/give-back.ts'
import { givingBack, takingNumbers } from '../../server/fulfilment/waybills/outbox.ts'
import { takeNumbers } from '../../server/fulfilment/waybills/take.ts'
import { seal } from '../../server/lib/seal.ts'
import type { OpenedShop } from '../../server/shops/calls.ts'
import { aWaybill } from '../../server/testing/shipping.ts'
import { clerk, rowsOf } from '../one-shop.ts'
import { attempt } from './desk-attempt.ts'
import type { Desk } from './desk-place.ts'

const by = { actor: clerk, scope: wholeScope }

/** 取号, 退号 and 包裹数 at the desk. */
export const numberClicks = ['take', 'take', 'take', 'giveBack', 'packages'] as const
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
  if (click === 'packages') {
    await withAccounts(desk)
    await attempt(desk, (tx) => setPackages(tx, deliveries, 1 + (Number(deliveries[0] ?? 0) % 3), by))
    return
  }
  await withAccounts(desk)
  await attempt(desk, (tx) => takeNumbers(tx, deliveries, by))
}

/** Makes the accounts of the shop once. */
const withAccounts = (desk: Desk) =>
  // 快递100 comes first: only a masked receiver, and several packages, keep an order from it.
  attempt(desk, (tx) =>
    sql`
      insert into waybill_account (shop_id, source, courier, sender, template_url, created_by)
      select id, account.source, account.courier, '', 'http://127.0.0.1/1', '' from shop
      cross join (values (1, 'kuaidi100', 'YTO'), (2, 'cainiao', 'SF')) account (n, source, courier) order by n on conflict do nothing`.execute(
      tx,
    ),
  )

/** A source that loses calls and answers, gives the same request the same number, and takes a number back once. */
export function numberHandlers(
  desk: Desk,
  answer: (refusal: string, heard: () => void) => null,
): ActionHandler<OpenedShop>[] {
  const numberOf = (id: string) => {
    const known = desk.numbers.get(id) ?? aWaybill()
    desk.numbers.set(id, known)
    return known
  }
  const printData = seal(desk.ring, desk.shopId, '{}').toString('base64')
  return [
    {
      ...takingNumbers,
      lookAfterSeconds: 0,
      async send(_shop, action) {
        const ids = asked(action)
        if (!ids.every((id) => desk.numbers.has(id))) answer('no_balance', () => ids.forEach(numberOf))
        const counts = await rowsOf<{ id: string; packages: number }>(
          desk.db,
          sql`select id, package_count as packages from waybill where id = any(${ids}::bigint[])`,
        )
        const taken = counts.map(({ id, packages }) => ({
          ...{ id, waybillNo: numberOf(id), printData, courierOrder: '' },
          packages: packagesOf(numberOf(id), packages).map((waybillNo) => ({ waybillNo, printData })),
        }))
        return { taken, failed: [] }
      },
    },
    {
      ...givingBack,
      lookAfterSeconds: 0,
      async send(_shop, { payload }) {
        const { waybillNo } = Object(payload)
        return desk.numbersBack.has(waybillNo)
          ? null
          : answer('under_way', () => desk.numbersBack.add(waybillNo))
      },
    },
  ]
}

/** The first of several packages has the main number. */
const packagesOf = (main: string, packages: number) =>
  Array.from({ length: packages === 1 ? 0 : packages }, (_, at) => (at === 0 ? main : `${main}-${at + 1}`))

const asked = ({ payload }: Action): string[] =>
  typeof payload === 'object' &&
  payload !== null &&
  'waybillIds' in payload &&
  Array.isArray(payload.waybillIds)
    ? payload.waybillIds.map(String)
    : []
