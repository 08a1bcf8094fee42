import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { sql } from 'kysely'
import { testApp } from '../server/testing/app.ts'
import { testDatabase } from '../server/testing/database.ts'

const script = fileURLToPath(new URL('admin.ts', import.meta.url))
const password = 'correct horse battery'

/** A running web process, and the command on its database. */
async function anInstallation() {
  const base = await testDatabase()
  const house = await testApp({ PUBLIC_URL: 'https://erp.example.com' }, undefined, Promise.resolve(base))
  const run = (...args: string[]) =>
    new Promise<{ code: number; out: string }>((settle) => {
      const env = { ...process.env, DATABASE_URL: base.url, PUBLIC_URL: 'https://erp.example.com' }
      const node = ['--disable-warning=ExperimentalWarning', script, ...args]
      execFile(process.execPath, node, { env }, (error, stdout, stderr) =>
        settle({ code: Number(error?.code ?? 0), out: stdout + stderr }),
      )
    })
  const open = async (link: string) => {
    const token = new URL(link).searchParams.get('token')
    return (await house.anonymous.call('POST', '/api/password', { token, password })).status
  }
  const signIn = async (email: string) =>
    (await house.anonymous.call('POST', '/api/sign-in', { email, password })).status
  return { house, run, open, signIn, [Symbol.asyncDispose]: () => house[Symbol.asyncDispose]() }
}

const linkIn = (out: string) => /https:\/\/erp\.example\.com\/password\?token=\S+/.exec(out)?.[0] ?? ''

test('a new administrator is made at the console, sets a password by the link once, and may do everything', async () => {
  await using there = await anInstallation()
  assert.match((await there.run('list')).out, /^还没有管理员/)
  const made = await there.run('new', 'Zhou@shanyu.cn', '周', '宁')
  assert.equal(made.code, 0, made.out)
  const link = linkIn(made.out)
  assert.deepEqual([await there.open(link), await there.open(link)], [204, 410])
  assert.equal(await there.signIn('zhou@shanyu.cn'), 200)
  assert.match(
    (await there.run('list')).out,
    /^zhou@shanyu\.cn {2}周 宁 {2}无两步验证 no two-step {2}上次登录 last sign-in \d{4}-/,
  )
  const told = await sql`
    select action, actor_kind as kind, ip from audit_log where action like 'user.%' order by id`.execute(
    there.house.db,
  )
  assert.deepEqual(told.rows, [
    { action: 'user.create', kind: 'system', ip: 'console' },
    { action: 'user.password', kind: 'user', ip: '127.0.0.1' },
  ])
  const again = await there.run('new', 'zhou@shanyu.cn', '周宁')
  assert.deepEqual([again.code, again.out.split('\n')[0]], [1, '邮箱已存在 · E-mail address already exists'])
})

test('a lost password and a lost phone of the only administrator are no end', async () => {
  await using there = await anInstallation()
  await there.open(linkIn((await there.run('new', 'zhou@shanyu.cn', '周宁')).out))
  await sql`
    insert into user_two_factor (user_id, secret, backup_codes, verified)
    select id, 'x', 'x', true from app_user where email = 'zhou@shanyu.cn'`.execute(there.house.db)
  await sql`update app_user set two_factor_enabled = true where email = 'zhou@shanyu.cn'`.execute(
    there.house.db,
  )
  assert.equal((await there.run('reset-two-step', 'zhou@shanyu.cn')).code, 0)
  const left = await sql`select from user_two_factor`.execute(there.house.db)
  assert.equal(left.rows.length, 0)
  assert.equal((await there.run('reset-two-step', 'zhou@shanyu.cn')).code, 1)

  const link = linkIn((await there.run('reset-password', 'ZHOU@shanyu.cn')).out)
  // The present password holds until the link is used.
  assert.equal(await there.signIn('zhou@shanyu.cn'), 200)
  assert.equal(await there.open(link), 204)
  const found = await sql<{ sessions: number }>`select count(*)::int as sessions from user_session`.execute(
    there.house.db,
  )
  assert.equal(found.rows[0]?.sessions, 0)
})

test('nobody unknown or disabled gets a link, and a command without its words does nothing', async () => {
  await using there = await anInstallation()
  await there.run('new', 'zhou@shanyu.cn', '周宁')
  await sql`update app_user set disabled_at = now()`.execute(there.house.db)
  await sql`delete from one_time_link`.execute(there.house.db)
  const disabled = await there.run('reset-password', 'zhou@shanyu.cn')
  assert.deepEqual([disabled.code, linkIn(disabled.out)], [1, ''])
  assert.match((await there.run('reset-password', 'li@shanyu.cn')).out, /li@shanyu\.cn/)
  for (const words of [
    [],
    ['new'],
    ['new', 'zhou'],
    ['new', 'zhou', '周宁'],
    ['reset-password'],
    ['list', 'x'],
    ['drop', 'x'],
  ])
    assert.equal((await there.run(...words)).code, 2, words.join(' '))
  const links = await sql`select from one_time_link`.execute(there.house.db)
  assert.equal(links.rows.length, 0)
})
