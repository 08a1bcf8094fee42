import type { FastifyRequest } from 'fastify'
import { sql } from 'kysely'
import type { Scope } from '../core/access/actor.ts'
import { audit } from '../core/access/audit.ts'
import { inWarehouses, warehouseSql } from '../core/access/scope.ts'
import { type Database, orTaken, type Tx } from '../core/db/db.ts'
import type { Row } from '../core/db/rows.ts'
import { AppError } from '../errors.ts'
import { type ShipStep, shipSteps } from './lifecycle.ts'

export type Warehouse = Row<
  'warehouse',
  'id' | 'code' | 'name' | 'kind' | 'province' | 'city' | 'priority' | 'active' | 'printsLast' | 'createdAt'
> & { shipSteps: ShipStep[] }
export type NewWarehouse = Omit<Warehouse, 'id' | 'active' | 'createdAt' | 'shipSteps' | 'printsLast'>

/** Defective warehouse by the id of the warehouse whose returns it takes. */
export type DefectiveOf = ReadonlyMap<string, string>

const columns = sql`id, code, name, kind, province, city, priority, active, ship_steps as "shipSteps", prints_last as "printsLast", created_at as "createdAt"`
const what = { zh: '仓库', en: 'Warehouse' }

export async function listWarehouses(db: Database, scope: Scope): Promise<Warehouse[]> {
  const found = await sql<Warehouse>`
    select ${columns} from warehouse where ${warehouseSql(scope, sql.ref('id'))} order by active desc, priority, id`.execute(
    db,
  )
  return found.rows
}

export async function warehousesById(
  db: Database | Tx,
  ids: readonly string[],
): Promise<Map<string, Warehouse>> {
  const found = await sql<Warehouse>`
    select ${columns} from warehouse where id = any(${[...ids]}::bigint[])`.execute(db)
  return new Map(found.rows.map((row) => [row.id, row]))
}

export async function warehousesByCode(
  db: Database,
  codes: readonly string[],
): Promise<Map<string, Warehouse>> {
  const found = await sql<Warehouse>`
    select ${columns} from warehouse where code = any(${[...codes]}::text[]) and active`.execute(db)
  return new Map(found.rows.map((row) => [row.code, row]))
}

/** Creates a warehouse. Only a user with all warehouses in scope may do so, since the new warehouse is in no limited scope. */
export async function createWarehouse(
  tx: Tx,
  input: NewWarehouse,
  request: FastifyRequest,
): Promise<Warehouse> {
  if (request.scope.warehouses !== 'all') throw new AppError('outside_scope')
  const made = await sql<Warehouse>`
    insert into warehouse (code, name, kind, province, city, priority)
    values (${input.code.trim()}, ${input.name.trim()}, ${input.kind}, ${input.province.trim()}, ${input.city.trim()},
      ${input.priority})
    on conflict do nothing
    returning ${columns}`.execute(tx)
  const [warehouse] = made.rows
  if (!warehouse) throw duplicate((await takenBy(tx, input)) ?? 'code')
  await note(tx, request, { action: 'warehouse.create', id: warehouse.id, fields: Object.keys(input) })
  return warehouse
}

/**
 * 次品仓: returns the warehouse for returned goods that cannot be sold again, for each of these warehouses. It is created at first use, so
 * that receiving a return never waits for it. Nothing is sold from it.
 */
export async function defectiveWarehouses(tx: Tx, ids: readonly string[]): Promise<DefectiveOf> {
  const wanted = [...new Set(ids)].sort()
  if (wanted.length === 0) return new Map()
  await sql`
    insert into warehouse (code, name, kind, province, city, priority, defective_of)
    select left(w.code, 20) || '-C' || w.id, left(w.name, 40) || '次品' || case when exists (
        select from warehouse taken where taken.name = left(w.name, 40) || '次品') then w.id::text else '' end,
      'defective', w.province, w.city, 9999, w.id
    from warehouse w where w.id = any(${wanted}::bigint[]) and w.kind <> 'defective'
    order by w.id
    on conflict (defective_of) do nothing`.execute(tx)
  const found = await sql<Row<'warehouse', 'id'> & { of: string }>`
    select id, defective_of as of from warehouse where defective_of = any(${wanted}::bigint[])`.execute(tx)
  return new Map(found.rows.map(({ id, of }) => [of, id]))
}

/**
 * Returns which steps each of these warehouses requires before a parcel is shipped. The answer holds until the transaction ends: a change of the
 * setting waits for it.
 */
export async function shipStepsOf(tx: Tx, ids: readonly string[]): Promise<Map<string, readonly ShipStep[]>> {
  const found = await sql<Row<'warehouse', 'id'> & { shipSteps: ShipStep[] }>`
    select id, ship_steps as "shipSteps" from warehouse where id = any(${[...new Set(ids)]}::bigint[]) order by id for share`.execute(
    tx,
  )
  return new Map(found.rows.map((row) => [row.id, row.shipSteps]))
}

/** The steps that are required where there are no warehouses. */
export const usualShipSteps: readonly ShipStep[] = ['print']

/** Changes a warehouse. It is never deleted: an inactive one keeps its goods, its history and its open shipments. */
export async function changeWarehouse(
  tx: Tx,
  id: string,
  patch: Partial<NewWarehouse & Pick<Warehouse, 'active' | 'shipSteps' | 'printsLast'>>,
  request: FastifyRequest,
): Promise<Warehouse> {
  if (!inWarehouses(request.scope, id)) throw new AppError('not_found', { what })
  const taken = await takenBy(tx, patch, id)
  if (taken) throw duplicate(taken)
  const changed = await sql<Warehouse>`
    update warehouse set code = coalesce(${patch.code?.trim() ?? null}, code), name = coalesce(${patch.name?.trim() ?? null}, name),
      kind = case when kind = 'defective' then kind else coalesce(${patch.kind ?? null}, kind) end, province = coalesce(${patch.province?.trim() ?? null}, province),
      city = coalesce(${patch.city?.trim() ?? null}, city), priority = coalesce(${patch.priority ?? null}::int, priority),
      active = coalesce(${patch.active ?? null}::bool, active),
      ship_steps = coalesce(${patch.shipSteps ? shipSteps.filter((one) => patch.shipSteps?.includes(one)) : null}::text[], ship_steps),
      prints_last = coalesce(${patch.printsLast ?? null}::bool, prints_last)
    where id = ${id}
    returning ${columns}`
    .execute(tx)
    .catch(orTaken(() => duplicate(patch.name ? 'name' : 'code')))
  const [warehouse] = changed.rows
  if (!warehouse) throw new AppError('not_found', { what })
  await note(tx, request, { action: 'warehouse.change', id, fields: Object.keys(patch) })
  return warehouse
}

const duplicate = (field: 'code' | 'name') => new AppError('duplicate', { what }, field)

async function takenBy(
  tx: Tx,
  { code, name }: { code?: string; name?: string },
  except = '0',
): Promise<'code' | 'name' | undefined> {
  const found = await sql<{ field: 'code' | 'name' }>`
    select case when code = ${code?.trim() ?? null} then 'code' else 'name' end as field from warehouse
    where id <> ${except} and (code = ${code?.trim() ?? null} or name = ${name?.trim() ?? null}) order by 1 limit 1`.execute(
    tx,
  )
  return found.rows[0]?.field
}

const note = (
  tx: Tx,
  request: FastifyRequest,
  { action, id, fields }: { action: string; id: string; fields: readonly string[] },
) =>
  audit(tx, {
    actor: request.actor,
    action,
    subject: { type: 'warehouse', id },
    detail: { fields },
    request: { ip: request.ip, id: request.id },
  })
