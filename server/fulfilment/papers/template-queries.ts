import { type RawBuilder, sql } from 'kysely'
import type { Database, Tx } from '../../core/db/db.ts'
import type { Row, RowFor } from '../../core/db/rows.ts'
import type { TemplateInput, TemplateOut } from './contract.ts'

const areaKind = 'label_area'

/** Custom areas of labels are kept apart: the release before does not know their kind. */
const tableOf = (kind: string): RawBuilder<unknown> =>
  sql.table(kind === areaKind ? 'label_area' : 'paper_template')

/** Returns all templates. Stored ones passed the schema of the route that saved them. */
export async function storedTemplates(db: Database): Promise<TemplateOut[]> {
  const found = await sql<RowFor<'paper_template', TemplateOut>>`
    select id, version, kind, name, width_mm as "widthMm", height_mm as "heightMm", options, shop_ids::text[] as "shopIds", couriers,
      updated_at as "updatedAt", updated_by as "updatedBy"
    from (
      select id, version, kind, name, width_mm, height_mm, options, shop_ids, couriers, updated_at, updated_by from paper_template
      union all
      select id, version, ${areaKind}, name, width_mm, height_mm, options, shop_ids, couriers, updated_at, updated_by from label_area
    ) t order by kind, id`.execute(db)
  return found.rows
}

export async function insertTemplate(
  tx: Tx,
  { kind, name, widthMm, heightMm, options, shopIds, couriers }: TemplateInput,
  by: string,
): Promise<Row<'paper_template', 'id' | 'version'>> {
  const ofKind = kind === areaKind ? [sql``, sql``] : [sql`kind, `, sql`${kind}, `]
  const made = await sql<Row<'paper_template', 'id' | 'version'>>`
    insert into ${tableOf(kind)} (${ofKind[0]}name, width_mm, height_mm, options, shop_ids, couriers, updated_by)
    values (${ofKind[1]}${name}, ${widthMm}, ${heightMm}, ${JSON.stringify(options)}::jsonb, ${shopIds}::bigint[], ${couriers}::text[], ${by})
    returning id, version`.execute(tx)
  return made.rows[0] ?? { id: '', version: 0 }
}

/** Changes a template. Undefined: it is not there, or has another version. */
export async function updateTemplate(
  tx: Tx,
  { id = '', kind, version, name, widthMm, heightMm, options, shopIds, couriers }: TemplateInput,
  by: string,
): Promise<Row<'paper_template', 'id' | 'version'> | undefined> {
  const changed = await sql<Row<'paper_template', 'id' | 'version'>>`
    update ${tableOf(kind)} set name = ${name}, width_mm = ${widthMm}, height_mm = ${heightMm}, options = ${JSON.stringify(options)}::jsonb,
      shop_ids = ${shopIds}::bigint[], couriers = ${couriers}::text[], version = version + 1, updated_at = now(), updated_by = ${by}
    where id = ${id}::bigint and version = ${version}
    returning id, version`.execute(tx)
  return changed.rows[0]
}

type Locked = Row<'paper_template', 'kind' | 'name' | 'version'> & Record<'shopIds', string[]>

/** Locks a template. Returns its kind, shops and version. */
export async function lockTemplate(tx: Tx, id: string): Promise<Locked | undefined> {
  const found = await sql<Locked>`
    select kind, name, version, shop_ids::text[] as "shopIds" from paper_template where id = ${id}::bigint for update`.execute(
    tx,
  )
  if (found.rows[0]) return found.rows[0]
  const area = await sql<Locked>`
    select ${areaKind} as kind, name, version, shop_ids::text[] as "shopIds" from label_area where id = ${id}::bigint for update`.execute(
    tx,
  )
  return area.rows[0]
}

export async function deleteTemplate(tx: Tx, { id, kind }: { id: string; kind: string }): Promise<void> {
  await sql`delete from ${tableOf(kind)} where id = ${id}::bigint`.execute(tx)
}

/** True: a custom area is laid out here, for some shops and couriers. */
export async function hasAreas(db: Database | Tx): Promise<boolean> {
  const found = await sql<{ some: boolean }>`select exists (select from label_area) as some`.execute(db)
  return found.rows[0]?.some ?? false
}
