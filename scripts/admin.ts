// npm run admin -- list | new EMAIL NAME | reset-password EMAIL | reset-two-step EMAIL: for the owner of the machine, who need not sign in.
// Also while Sanyi runs.
import { loadConfig } from '../server/config.ts'
import { isMigrated } from '../server/core/access/reseal.ts'
import { type Database, openDatabase } from '../server/core/db/db.ts'
import { withOwnerDatabase } from '../server/core/embedded/owner-database.ts'
import { AppError } from '../server/errors.ts'
import { toChinaTime } from '../server/lib/time.ts'
import {
  type Administrator,
  administrators,
  dropTwoStep,
  newAdministrator,
  passwordLinkFor,
} from '../server/users/accounts/administrators.ts'
import type { Link } from '../server/users/sign-in/links.ts'

const usage = 'npm run admin -- list | new EMAIL NAME | reset-password EMAIL | reset-two-step EMAIL'
const [command = '', email = '', ...words] = process.argv.slice(2)
const name = words.join(' ').trim()

const commands: Record<string, { isWhole: boolean; run: (db: Database) => Promise<void> }> = {
  list: { isWhole: email === '', run: list },
  new: { isWhole: /^\S+@\S+$/.test(email) && name !== '', run: make },
  'reset-password': { isWhole: email !== '' && name === '', run: resetPassword },
  'reset-two-step': { isWhole: email !== '' && name === '', run: resetTwoStep },
}
const chosen = commands[command]
if (!chosen?.isWhole) {
  console.error(usage)
  process.exit(2)
}
const config = loadConfig()
try {
  await withOwnerDatabase(config, (url) => inDatabase(url, chosen.run))
} catch (error) {
  if (error instanceof AppError) console.error(`${error.text('zh')} · ${error.text('en')}`)
  else console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}

async function inDatabase(url: string, work: (db: Database) => Promise<void>): Promise<void> {
  const { db, close } = openDatabase(url, { max: 1, name: 'sanyi admin' })
  try {
    if (!(await isMigrated(db)))
      throw new Error('The database is empty or of an older version: start Sanyi once.')
    await work(db)
  } finally {
    await close()
  }
}

async function list(db: Database): Promise<void> {
  const found = await administrators(db)
  for (const one of found) console.log(lineOf(one))
  if (found.length === 0) console.log('还没有管理员 · There is no administrator yet')
}

function lineOf({
  email: address,
  name: called,
  disabledAt,
  hasPassword,
  twoStep,
  lastSignInAt,
}: Administrator): string {
  const states = [
    ...(disabledAt ? ['已停用 disabled'] : []),
    ...(hasPassword ? [] : ['未设密码 no password yet']),
    twoStep ? '两步验证 two-step' : '无两步验证 no two-step',
    lastSignInAt ? `上次登录 last sign-in ${toChinaTime(lastSignInAt)}` : '从未登录 never signed in',
  ]
  return `${address}  ${called}  ${states.join('  ')}`
}

async function make(db: Database): Promise<void> {
  showLink(await newAdministrator(db, config.publicUrl, { email, name }))
}

async function resetPassword(db: Database): Promise<void> {
  showLink(await passwordLinkFor(db, config.publicUrl, email))
}

function showLink({ url, expiresAt }: Link): void {
  console.log(
    `${toChinaTime(expiresAt)} 前打开,只能用一次 · Open it once, until ${toChinaTime(expiresAt)} (China time):`,
  )
  console.log(url)
}

async function resetTwoStep(db: Database): Promise<void> {
  await dropTwoStep(db, email)
  console.log(
    `${email} 的两步验证已关闭,登录后重新设置 · Two-step verification is off; set it up again after signing in`,
  )
}
