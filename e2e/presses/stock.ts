import { sql } from 'kysely'
import { aSku, putStock } from '../../server/testing/stock.ts'
import { type Press, rowsAt, type Seeded, sure } from './press.ts'
import { is, listed, numbers, opened } from './rows.ts'
import type { PressHouse } from './seeds.ts'

const fresh = numbers('', 6)

export const stockPresses = (house: PressHouse): Press[] => [
  ...documentPresses(house),
  ...countPresses(house),
  ...uploadPresses(house),
]

function documentPresses(house: PressHouse): Press[] {
  const { db, boss, warehouseId } = house
  const document =
    (more: object = {}, ...verbs: string[]) =>
    async (): Promise<Seeded> => {
      const code = `D-${fresh()}`
      await putStock(db, warehouseId, await aSku(db, code), 100)
      const lines = [{ skuCode: code, quantity: 5 }]
      const { body } = await boss.call('POST', '/api/stock-documents', {
        kind: 'adjustment',
        warehouseId,
        lines,
        ...more,
      })
      const id = String(Object(body).id)
      for (const verb of verbs) await boss.call('POST', `/api/stock-documents/${verb}`, { ids: [id] })
      return { id }
    }
  const lock = { kind: 'lock', lockKind: 'normal' }
  const row = rowsAt(opened('/stock-documents'), 'inventory.read')
  const status = is('stock_document', 'status')
  const here = { where: 'drawer' } as const
  return [
    row('/stock-documents/approve', 'inventory.approve', {
      seed: document(),
      effect: status,
      is: 'approved',
      ...here,
    }),
    row('/stock-documents/post', 'inventory.write', {
      seed: document({}, 'approve'),
      effect: status,
      is: 'posted',
      ...here,
      fill: sure,
    }),
    row('/stock-documents/void', 'inventory.write', {
      seed: document(),
      effect: status,
      is: 'voided',
      ...here,
      fill: sure,
    }),
    row('/stock-documents/release', 'inventory.write', {
      seed: document(lock, 'approve', 'post'),
      effect: ({ id }) => sql`select released_at is not null as is from stock_document where id = ${id}`,
      is: true,
      ...here,
      fill: sure,
    }),
  ]
}

function countPresses({ db, boss, warehouseId }: PressHouse): Press[] {
  const goods = async (): Promise<Seeded> => {
    const code = `C-${fresh()}`
    await putStock(db, warehouseId, await aSku(db, code), 8)
    return { id: '0', no: code }
  }
  const count = async (): Promise<Seeded> => {
    const { no = '' } = await goods()
    const key = `press-of-a-count-${no}`
    const { body } = await boss.call('POST', '/api/count-tasks', { key, warehouseId, codes: [no] })
    return { id: String(Object(body).id) }
  }
  const ended = async (): Promise<Seeded> => {
    const { id } = await count()
    await boss.call('POST', '/api/count-tasks/end', { ids: [id] })
    return { id }
  }
  const row = rowsAt(({ id }) => `/count-tasks?open=${id}`, 'inventory.read')
  return [
    {
      ...rowsAt(() => '/count-tasks', 'inventory.read')('add', 'inventory.write', {
        seed: goods,
        effect: ({ no }) =>
          sql`select count(*)::int as is from count_line l join sku s on s.id = l.sku_id where s.code = ${no}`,
        is: 1,
        where: 'page',
        path: 'POST /count-tasks',
      }),
      fill: async (dialog, _page, { no = '' }) => {
        await dialog.getByLabel('仓库', { exact: true }).selectOption(warehouseId)
        await dialog.getByLabel('库位或商品').fill(no)
      },
    },
    row('/count-tasks/end', 'inventory.write', {
      seed: count,
      effect: is('count_task', 'status'),
      is: 'cancelled',
      where: 'drawer',
      fill: sure,
      not: { seed: ended, says: /已结束/ },
    }),
  ]
}

function uploadPresses(house: PressHouse): Press[] {
  const { db, shopId } = house
  const upload =
    (paused = false) =>
    async (): Promise<Seeded> => {
      const found = await sql<{ id: string }>`
      with made as (
        insert into listing (shop_id, item_id, platform_sku_id, title, status, modified_at)
        values (${shopId}, ${`8${fresh()}`}, ${`8${fresh()}`}, '四件套', 'on_sale', now()) returning id, item_id
      ) insert into stock_upload (id, shop_id, item_id, paused, shop_on) select id, ${shopId}, item_id, ${paused}, true from made returning id`.execute(
        db,
      )
      return { id: found.rows[0]?.id ?? '' }
    }
  const row = rowsAt(listed('/stock-uploads'), 'inventory.read')
  const paused = is('stock_upload', 'paused')
  return [
    row('/stock-uploads/pause', 'inventory.upload', {
      seed: upload(),
      effect: paused,
      is: true,
      not: { seed: upload(true), says: /已经暂停/ },
    }),
    row('/stock-uploads/resume', 'inventory.upload', {
      seed: upload(true),
      effect: paused,
      is: false,
      not: { seed: upload(), says: /没有暂停/ },
    }),
    row('/stock-uploads/rule', 'inventory.upload', {
      seed: upload(),
      effect: ({ id }) => sql`select rule is not null as is from stock_upload where id = ${id}`,
      is: true,
      fill: sure,
    }),
  ]
}
