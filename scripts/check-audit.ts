// npm run check-audit [-- --head HASH]: checks that no linked entry of the audit log was changed. A head is a line of logs/audit-seal.log
// (with separate web and worker processes: audit-seal.web.log and audit-seal.worker.log). With an older head, a chain that was computed
// anew is found too.
import { parseArgs } from 'node:util'
import pg from 'pg'
import { loadConfig } from '../server/config.ts'
import { type AuditCheck, checkAudit } from '../server/core/access/audit-seal.ts'
import { withOwnerDatabase } from '../server/core/embedded/owner-database.ts'

try {
  const { values } = parseArgs({ options: { head: { type: 'string' } } })
  report(await check(values.head))
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 2
}

/** Checks the database of the running Sanyi. If Sanyi does not run, the embedded database is started for the check. */
function check(head: string | undefined): Promise<AuditCheck> {
  return withOwnerDatabase(loadConfig(), async (url) => {
    const client = new pg.Client({ connectionString: url })
    try {
      await client.connect()
      return await checkAudit(client, head)
    } finally {
      await client.end()
    }
  })
}

function report(check: AuditCheck): void {
  const words = {
    link: 'does not follow the link before it',
    rows: 'names rows that are not there',
    content: 'its rows say something else now',
  }
  for (const { seal, wrong } of check.findings) console.log(`Link ${seal}: ${words[wrong]}`)
  if (check.between > 0) console.log(`${check.between} rows were put in where everything was linked already`)
  if (check.knowsHead === false) console.log('The chain never had this head: it was cut or made anew')
  const bad = check.findings.length > 0 || check.between > 0 || check.knowsHead === false
  console.log(
    `${check.rows} rows in ${check.seals} links, ${check.waiting} not linked yet. Head ${check.head || 'none'}`,
  )
  console.log(bad ? '审计日志被改动过 · The audit log was changed' : '审计日志完整 · The audit log is whole')
  process.exitCode = bad ? 1 : 0
}
