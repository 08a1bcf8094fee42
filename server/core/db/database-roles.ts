import pg from 'pg'

// The owner of the tables migrates and links the audit log. The web and worker processes sign in with another role, the application's: it
// can read and write rows, but cannot create or drop anything. In the audit log it can only add and read rows.

/** The columns of an audit row that the application's role may write. The database sets id, time and transaction id. */
const auditColumns = [
  'actor_kind',
  'actor_id',
  'actor_name',
  'action',
  'subject_type',
  'subject_id',
  'shop_id',
  'detail',
  'ip',
  'request_id',
]

const roleLock = 7_214_033

/** Creates the role with this password, or changes its password. The client's own role must be allowed to create roles. */
export async function makeRole(client: pg.Client, role: string, password: string): Promise<void> {
  const [name, secret] = [pg.escapeIdentifier(role), pg.escapeLiteral(password)]
  await client.query('begin')
  try {
    // The lock: several processes may start at once and create the same role.
    await client.query('select pg_advisory_xact_lock($1)', [roleLock])
    const found = await client.query('select 1 from pg_roles where rolname = $1', [role])
    await client.query(`${found.rowCount === 0 ? 'create' : 'alter'} role ${name} login password ${secret}`)
    await client.query('commit')
  } catch (error) {
    await client.query('rollback')
    throw error
  }
}

/** Grants the application's role its rights on the tables of this schema, in a transaction of its own. */
export async function grantApplication(client: pg.Client, role: string): Promise<void> {
  await client.query('begin')
  try {
    await grantWithin(client, role)
    await client.query('commit')
  } catch (error) {
    await client.query('rollback')
    throw error
  }
}

/**
 * Grants the application's role its rights within the caller's transaction, if one is missing, or if the role has a right that it must not
 * have. A migration calls it before it commits: processes that work meanwhile may reach its new tables at once, by a trigger.
 */
export async function grantWithin(client: pg.Client, role: string): Promise<void> {
  const lacking = await client.query<{ lacks: boolean; is_owner: boolean }>(
    `select exists (
        select from pg_class c where c.relnamespace = quote_ident(current_schema())::regnamespace
          and case when c.relkind in ('r', 'p', 'v', 'm') then not has_table_privilege($1, c.oid, 'select')
            when c.relkind = 'S' then not has_sequence_privilege($1, c.oid, 'usage') else false end
      ) or exists (select from unnest($2::text[]) c where not has_column_privilege($1, 'audit_log', c, 'insert'))
      -- An administrator granted all rights by hand, which are more than the role may have.
      or has_column_privilege($1, 'audit_log', 'xid', 'insert') or has_table_privilege($1, 'audit_seal', 'insert')
      or has_table_privilege($1, 'migration', 'insert')
      or coalesce(has_table_privilege($1, to_regclass('schema_support'), 'update'), false) as lacks,
      current_user = $1 as is_owner`,
    [role, auditColumns],
  )
  const { lacks, is_owner: isOwner } = lacking.rows[0] ?? { lacks: true, is_owner: false }
  if (!lacks || isOwner) return
  const { rows } = await client.query<{ schema: string; support: boolean }>(
    `select quote_ident(current_schema()) as schema, to_regclass('schema_support') is not null as support`,
  )
  const { schema = 'public', support = false } = rows[0] ?? {}
  const name = pg.escapeIdentifier(role)
  await client.query(`
    revoke all on all tables in schema ${schema} from ${name};
    grant usage on schema ${schema} to ${name};
    grant select, insert, update, delete on all tables in schema ${schema} to ${name};
    grant usage, select on all sequences in schema ${schema} to ${name};
    grant execute on all functions in schema ${schema} to ${name};
    revoke insert, update, delete on audit_log, audit_seal, migration${support ? ', schema_support' : ''} from ${name};
    grant insert (${auditColumns.join(', ')}) on audit_log to ${name}`)
}

export function urlAs(url: string, role: string, password: string): string {
  const changed = new URL(url)
  changed.username = encodeURIComponent(role)
  changed.password = encodeURIComponent(password)
  return changed.href
}
