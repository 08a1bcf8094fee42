import pg from 'pg'
import {
  applicationRoleOf,
  databaseOf,
  ownerRoleOf,
  type Server,
} from '../../server/core/directory/merchants.ts'

export async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  return client
}

export async function rows<T extends pg.QueryResultRow>(url: string, text: string, values: unknown[] = []) {
  const client = await connect(url)
  try {
    return (await client.query<T>(text, values)).rows
  } finally {
    await client.end()
  }
}

export const rolesOf = (key: string) => [applicationRoleOf(key), ownerRoleOf(key)]

/** The database and roles of a merchant that are on a server. */
export async function remainsOn({ ownerUrl }: Pick<Server, 'ownerUrl'>, key: string): Promise<string[]> {
  const found = await rows<{ name: string }>(
    ownerUrl,
    `select datname as name, 1 as at from pg_database where datname = $1
    union all select rolname, 2 from pg_roles where rolname = any($2::text[]) order by at, name`,
    [databaseOf(key), rolesOf(key)],
  )
  return found.map(({ name }) => name)
}
