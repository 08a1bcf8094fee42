import { skuBarcodes, skuNames } from '../../catalog/names.ts'
import type { By, Scope } from '../../core/access/actor.ts'
import { inWarehouses } from '../../core/access/scope.ts'
import type { Database, Tx } from '../../core/db/db.ts'
import { once } from '../../core/db/once.ts'
import { AppError } from '../../errors.ts'
import { scannedGoods } from '../scanned-goods.ts'
import { warehousesById } from '../warehouses.ts'
import { type CountDetail, type CountResults, countLinesMax } from './contract.ts'
import { countLines, countRows, entriesOf, goodsOfBins, insertTask, tasksById } from './count-queries.ts'
import { bySku, countOf, firstCounters, stateOf } from './count-rules.ts'

export const whatCount = { zh: '盘点', en: 'Count' }

export type NewCount = { key: string; warehouseId: string; codes: readonly string[] }

/** 新盘点: makes a task to count what lies in these bins, or these goods. Each SKU is counted at all its places. */
export async function makeCount(
  tx: Tx,
  { key, warehouseId, codes }: NewCount,
  by: By,
): Promise<{ id: string }> {
  const warehouse = (await warehousesById(tx, [warehouseId])).get(warehouseId)
  if (!warehouse?.active || !inWarehouses(by.scope, warehouseId))
    throw new AppError('not_found', { what: { zh: '仓库', en: 'Warehouse' } }, 'warehouseId')
  return once(tx, { key, kind: 'count_task' }, by.actor, async () => {
    const skuIds = await skusToCount(tx, warehouseId, codes)
    const { id, lines } = await insertTask(tx, warehouseId, skuIds, by.actor)
    if (lines > countLinesMax)
      throw wrong(`一次最多盘 ${countLinesMax} 处`, `at most ${countLinesMax} places in one count`)
    return { id }
  })
}

async function skusToCount(tx: Tx, warehouseId: string, codes: readonly string[]): Promise<string[]> {
  const upper = codes.map((code) => code.trim().toUpperCase())
  const bins = Map.groupBy(await goodsOfBins(tx, warehouseId, upper), ({ code }) => code)
  const skuIds = new Set<string>()
  for (const code of codes.map((each) => each.trim())) {
    const inBin = bins.get(code.toUpperCase())
    if (inBin) for (const { skuId } of inBin) if (skuId !== null) skuIds.add(skuId)
    if (!inBin) skuIds.add(await skuToCount(tx, code))
  }
  if (skuIds.size === 0) throw wrong('这些库位没有商品', 'nothing lies in these bins')
  return [...skuIds]
}

async function skuToCount(tx: Tx, code: string): Promise<string> {
  const sku = await scannedGoods(tx, code)
  if (!sku) throw wrong(`${code} 不是库位，也不是商品`, `${code} is neither a bin nor goods`)
  return sku.id
}

const wrong = (zh: string, en: string) => new AppError('invalid_input', { detail: { zh, en } }, 'codes')

/** Returns a task for those who count: neither what the books say nor what was counted. */
export async function viewTask(db: Database, id: string, scope: Scope): Promise<CountDetail> {
  const { task, lines, entries } = await read(db, id, scope)
  const counts = bySku(lines, entries)
  const skuIds = lines.map(({ skuId }) => skuId)
  const names = await skuNames(db, skuIds)
  const barcodes = await skuBarcodes(db, skuIds)
  return {
    task,
    lines: lines.map(({ lineNo, skuId, bin }) => {
      const one = counts.get(skuId) ?? { places: [], entries: [] }
      const { code = skuId, name = '', spec = '', pictureUrl = '' } = names.get(skuId) ?? {}
      const { round, open } = countOf(one.places, one.entries)
      const [[firstById, firstBy] = [null, null]] = round === 2 ? firstCounters(one.places, one.entries) : []
      return {
        ...{ lineNo, bin, skuId, code, name, spec, pictureUrl, barcodes: barcodes.get(skuId) ?? [] },
        ...{ round, open: task.status === 'open' && open.includes(lineNo), places: one.places.length },
        ...{ firstBy, firstById },
      }
    }),
  }
}

/** Returns the counts of each SKU, by whom and when. A SKU that waits for a count has no quantities, since counting is blind. */
export async function viewResults(db: Database, id: string, scope: Scope): Promise<CountResults> {
  const { task, lines, entries } = await read(db, id, scope)
  const names = await skuNames(
    db,
    lines.map(({ skuId }) => skuId),
  )
  const skus = [...bySku(lines, entries)].map(([skuId, one]) => {
    const { code = skuId, name = '', spec = '', pictureUrl = '' } = names.get(skuId) ?? {}
    const now = countOf(one.places, one.entries)
    const shows = now.difference !== undefined || task.status !== 'open'
    const decisive = one.entries.filter(({ round }) => now.difference !== undefined && round === now.round)
    const places = one.places.map(({ lineNo, bin }) => ({
      bin,
      counts: one.entries
        .filter((entry) => entry.lineNo === lineNo)
        .map(({ round, quantity, countedAt, countedBy }) => ({
          ...{ round, quantity: shows ? quantity : null, countedAt, countedBy },
        })),
    }))
    const counted = decisive.reduce((sum, { quantity }) => sum + quantity, 0)
    return {
      ...{ skuId, code, name, spec, pictureUrl, state: stateOf(now, task.status), places },
      expected: decisive[0]?.expected ?? null,
      maybePacked: decisive[0]?.maybePacked ?? 0,
      difference: now.difference ?? null,
      counted: decisive.length === 0 ? null : counted,
    }
  })
  return { task, skus }
}

async function read(db: Database, id: string, scope: Scope) {
  const [found] = await tasksById(db, [id], scope, 'read')
  const [task] = found ? await countRows(db, [id]) : []
  if (!task) throw new AppError('not_found', { what: whatCount })
  return { task, lines: await countLines(db, [id]), entries: await entriesOf(db, [id]) }
}
