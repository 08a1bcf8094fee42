import { sql } from 'kysely'
import { seal } from '../../server/lib/seal.ts'
import { type Press, rowsAt, type Seeded, sure } from './press.ts'
import type { PressHouse } from './seeds.ts'

const deliveries = ({ id }: Seeded) => `/deliveries?tab=all&ids=${id}`

const sender = {
  name: '仓库',
  mobile: '13800000000',
  phone: '',
  address: { province: '浙江省', city: '杭州市', district: '余杭区', town: '', detail: '1 号仓' },
}

export function fulfilmentPresses(house: PressHouse): Press[] {
  const { db, packed, released, shipped, shopId } = house
  const status = ({ id }: Seeded) => sql<{ is: string }>`select status as is from delivery where id = ${id}`
  const action = ({ id }: Seeded) =>
    sql<{
      is: string
    }>`select a.state as is from delivery d join platform_action a on a.id = d.action_id where d.id = ${id}`
  const failed = async (): Promise<Seeded> => {
    const one = await shipped()
    await sql`
      update platform_action set state = 'failed', next_at = null, error = '单号不对'
      where id = (select action_id from delivery where id = ${one.id})`.execute(db)
    await sql`update delivery set write_back = 'failed' where id = ${one.id}`.execute(db)
    return one
  }
  const other = async (): Promise<Seeded> => {
    const one = await failed()
    await sql`
      update delivery set error_code = 'other_waybill', platform_waybill = 'SF9900000000003' where id = ${one.id}`.execute(
      db,
    )
    return one
  }
  const writtenBack = async (): Promise<Seeded> => {
    const one = await shipped()
    await sql`
      update platform_action set state = 'succeeded', next_at = null
      where id = (select action_id from delivery where id = ${one.id})`.execute(db)
    await sql`
      update delivery set write_back = 'done', courier = 'SF', waybill_no = 'SF9900000000005' where id = ${one.id}`.execute(
      db,
    )
    return one
  }
  const withAccount = async (): Promise<Seeded> => {
    await sql`
      insert into waybill_account (shop_id, source, courier, sender, template_url, created_by)
      values (${shopId}, 'cainiao', 'SF', ${seal(house.ring, shopId, JSON.stringify(sender))}, 'http://127.0.0.1/1', '')
      on conflict do nothing`.execute(db)
    return released()
  }
  /** A delivery with a number of its account. */
  const numbered = async (): Promise<Seeded> => {
    const one = await withAccount()
    await sql`
      with given as (
        insert into waybill (delivery_id, round, account_id, shop_id, courier, state, waybill_no, print_data, asked_by)
        select ${one.id}, 1, a.id, a.shop_id, 'SF', 'taken', 'SF77' || ${one.id}, '', '' from waybill_account a
        where a.shop_id = ${shopId} order by a.id limit 1 returning waybill_no
      )
      update delivery set courier = 'SF', waybill_no = (select waybill_no from given) where id = ${one.id}`.execute(
      db,
    )
    return one
  }
  const row = rowsAt(deliveries, 'fulfilment.read')
  const desk = rowsAt(({ id }) => `/print-desk?tab=number&ids=${id}`, 'fulfilment.read')
  const ready = rowsAt(({ id }) => `/print-desk?tab=ready&ids=${id}`, 'fulfilment.read')
  const is =
    (column: string) =>
    ({ id }: Seeded) =>
      sql<{ is: unknown }>`select ${sql.ref(column)} as is from delivery where id = ${id}`
  const left = { seed: shipped, says: /已发货|状态/ }
  return [
    row('/deliveries/ship', 'fulfilment.ship', { seed: packed, effect: status, is: 'shipped', not: left }),
    row('/deliveries/take-numbers', 'fulfilment.ship', {
      seed: withAccount,
      effect: ({ id }) => sql<{ is: string }>`select state as is from waybill where delivery_id = ${id}`,
      is: 'asked',
      not: left,
    }),
    desk('/deliveries/make-wave', 'fulfilment.ship', {
      seed: withAccount,
      effect: ({ id }) => sql<{ is: number }>`
        select count(*)::int as is from wave_delivery where delivery_id = ${id} and live`,
      is: 1,
    }),
    row('/deliveries/set-packages', 'fulfilment.ship', {
      seed: withAccount,
      effect: is('package_count'),
      is: 3,
      fill: async (dialog) => dialog.getByRole('textbox').fill('3'),
      not: { seed: numbered, says: /先退号/ },
    }),
    desk('/deliveries/set-packages', 'fulfilment.ship', {
      seed: async () => {
        const [one, next] = [await withAccount(), await withAccount()]
        return { ...one, id: `${one.id},${next.id}` }
      },
      effect: ({ id }) => sql<{ is: unknown }>`
        select array_agg(package_count::int) as is from delivery where id = any(string_to_array(${id}, ',')::bigint[])`,
      is: [2, 2],
      where: 'bulk',
      fill: async (dialog) => dialog.getByRole('textbox').fill('2'),
    }),
    row('/deliveries/give-back-numbers', 'fulfilment.ship', {
      seed: numbered,
      effect: ({ id }) => sql<{ is: string }>`select state as is from waybill where delivery_id = ${id}`,
      is: 'returning',
      fill: sure,
      not: { seed: released, says: /不用退/ },
    }),
    ready('/deliveries/give-back-numbers', 'fulfilment.ship', {
      seed: async () => {
        const [one, next] = [await numbered(), await numbered()]
        return { ...one, id: `${one.id},${next.id}` }
      },
      effect: ({ id }) => sql<{ is: unknown }>`
        select array_agg(state) as is from waybill where delivery_id = any(string_to_array(${id}, ',')::bigint[])`,
      is: ['returning', 'returning'],
      where: 'bulk',
      fill: sure,
    }),
    row('/deliveries/waybills', 'fulfilment.ship', {
      seed: released,
      effect: is('waybill_no'),
      is: 'SF9900000000001',
      fill: async (dialog) => dialog.getByRole('textbox').fill('SF9900000000001'),
      not: left,
    }),
    row('/deliveries/unrelease', 'fulfilment.release', {
      seed: released,
      effect: status,
      is: 'cancelled',
      fill: sure,
      not: left,
    }),
    row('/deliveries/write-again', 'fulfilment.ship', {
      seed: failed,
      effect: action,
      is: 'pending',
      fill: async (dialog) => dialog.getByRole('textbox').fill('单号已更正'),
      not: { seed: shipped, says: /没有失败/ },
    }),
    row('/deliveries/take-waybill', 'fulfilment.ship', {
      seed: other,
      effect: is('waybill_no'),
      is: 'SF9900000000003',
      fill: sure,
      not: { seed: shipped, says: /没有显示别的运单/ },
    }),
    row('/deliveries/change-waybill', 'fulfilment.ship', {
      seed: writtenBack,
      effect: is('shown_waybill'),
      is: 'SF9900000000005',
      fill: async (dialog) => {
        await dialog.getByLabel('新运单号').fill('SF9900000000004')
        await dialog.getByLabel('原因').fill('面单贴错')
      },
      not: { seed: shipped, says: /平台还不知道这次发货/ },
    }),
    row('/deliveries/unship', 'fulfilment.unship', {
      seed: shipped,
      effect: status,
      is: 'pending',
      fill: sure,
      not: { seed: packed, says: /待发货，不能撤销发货/ },
    }),
    {
      action: 'import',
      path: 'POST /deliveries/import',
      can: ['fulfilment.read', 'fulfilment.ship'],
      seed: released,
      at: () => '/deliveries',
      where: 'page',
      fill: async (dialog, _page, { orderNo }) =>
        dialog.getByRole('textbox').fill(`${orderNo} 顺丰 SF9900000000002`),
      effect: status,
      is: 'shipped',
      tells: (page) => page.getByRole('dialog').getByRole('status'),
    },
  ]
}
