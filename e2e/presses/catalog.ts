import { sql } from 'kysely'
import { type Press, rowsAt, type Seeded, sure } from './press.ts'
import { is, listed, numbers } from './rows.ts'
import type { PressHouse } from './seeds.ts'

const fresh = numbers('', 6)

export function catalogPresses(house: PressHouse): Press[] {
  const { db, boss, shopId } = house
  const sku = async (): Promise<Seeded> => {
    const code = `P-${fresh()}`
    await boss.call('POST', '/api/skus', { rows: [{ code, name: '四件套', spec: '雾蓝' }] })
    return { id: await house.one(sql`select id as is from sku where code = ${code}`), no: code }
  }
  const retired = async () => {
    const one = await sku()
    await boss.call('POST', '/api/skus/retire', { ids: [one.id] })
    return one
  }
  const listing = async (): Promise<Seeded> => {
    const { no = '', id: skuId } = await sku()
    const found = await sql<{ id: string }>`
      insert into listing (shop_id, item_id, platform_sku_id, outer_sku_id, title, status, modified_at)
      values (${shopId}, ${`9${fresh()}`}, ${`9${fresh()}`}, ${no}, '四件套', 'on_sale', now()) returning id`.execute(
      db,
    )
    return { id: found.rows[0]?.id ?? '', code: no, skuId }
  }
  const matched = async () => {
    const one = await listing()
    await boss.call('POST', '/api/listings/match', { ids: [one.id], skuId: one['skuId'] })
    return one
  }
  const skus = rowsAt(listed('/products'), 'catalog.read')
  const listings = rowsAt(listed('/listings'), 'catalog.read')
  const has = ({ id }: Seeded) =>
    sql<{ is: unknown }>`select sku_id is not null as is from listing where id = ${id}`
  return [
    skus('/skus/retire', 'catalog.write', {
      seed: sku,
      effect: is('sku', 'active'),
      is: false,
      fill: sure,
      not: { seed: retired, says: /已停用/ },
    }),
    skus('/skus/revive', 'catalog.write', {
      seed: retired,
      effect: is('sku', 'active'),
      is: true,
      not: { seed: sku, says: /在用/ },
    }),
    listings('/listings/match', 'catalog.write', {
      seed: listing,
      effect: has,
      is: true,
      fill: async (dialog, _page, { code = '' }) => {
        const box = dialog.getByRole('combobox')
        await box.fill(code)
        await dialog
          .locator('[role="option"][aria-selected="true"]')
          .filter({ hasText: code })
          .waitFor({ state: 'attached' })
        await box.press('ArrowDown')
      },
    }),
    listings('/listings/match-again', 'catalog.write', { seed: listing, effect: has, is: true }),
    listings('/listings/unmatch', 'catalog.write', {
      seed: matched,
      effect: has,
      is: false,
      not: { seed: listing, says: /没有匹配/ },
    }),
  ]
}
