import { sql } from 'kysely'
import type { Database, Tx } from '../../core/db/db.ts'
import type { Row, RowFor } from '../../core/db/rows.ts'
import type { TemplateInput, TemplateOut } from './contract.ts'

/** Returns all templates. Stored ones passed the schema of the route that saved them. */
export async function storedTemplates(db: Database): Promise<TemplateOut[]> {
  const found = await sql<RowFor<'paper_template', TemplateOut>>`
    select id, version, kind, name, width_mm as "widthMm", height_mm as "heightMm", options, shop_ids::text[] as "shopIds", couriers,
      updated_at as "updatedAt", updated_by as "updatedBy"
    from paper_template order by kind, id`.execute(db)
  return found.rows
}

export async function insertTemplate(
  tx: Tx,
  { kind, name, widthMm, heightMm, options, shopIds, couriers }: TemplateInput,
  by: string,
): Promise<Row<'paper_template', 'id' | 'version'>> {
  const made = await sql<Row<'paper_template', 'id' | 'version'>>`
    insert into paper_template (kind, name, width_mm, height_mm, options, shop_ids, couriers, updated_by)
    values (${kind}, ${name}, ${widthMm}, ${heightMm}, ${JSON.stringify(options)}::jsonb, ${shopIds}::bigint[], ${couriers}::text[], ${by})
    returning id, version`.execute(tx)
  return made.rows[0] ?? { id: '', version: 0 }
}

/** Changes a template. Undefined: it is not there, or has another version. */
export async function updateTemplate(
  tx: Tx,
  { id = '', version, name, widthMm, heightMm, options, shopIds, couriers }: TemplateInput,
  by: string,
): Promise<Row<'paper_template', 'id' | 'version'> | undefined> {
  const changed = await sql<Row<'paper_template', 'id' | 'version'>>`
    update paper_template set name = ${name}, width_mm = ${widthMm}, height_mm = ${heightMm}, options = ${JSON.stringify(options)}::jsonb,
      shop_ids = ${shopIds}::bigint[], couriers = ${couriers}::text[], version = version + 1, updated_at = now(), updated_by = ${by}
    where id = ${id}::bigint and version = ${version}
    returning id, version`.execute(tx)
  return changed.rows[0]
}

/** Locks a template. Returns its kind, shops and version. */
export async function lockTemplate(
  tx: Tx,
  id: string,
): Promise<(Row<'paper_template', 'kind' | 'name' | 'version'> & Record<'shopIds', string[]>) | undefined> {
  const found = await sql<Row<'paper_template', 'kind' | 'name' | 'version'> & Record<'shopIds', string[]>>`
    select kind, name, version, shop_ids::text[] as "shopIds" from paper_template where id = ${id}::bigint for update`.execute(
    tx,
  )
  return found.rows[0]
}

export async function deleteTemplate(tx: Tx, id: string): Promise<void> {
  await sql`delete from paper_template where id = ${id}::bigint`.execute(tx)
}
