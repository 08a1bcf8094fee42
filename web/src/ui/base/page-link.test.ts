import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { isPermission } from '../../../../server/users/permissions.ts'
import { menuPages, needsOf } from '../../frame/menu.ts'

test('an address needs what its page in the menu needs', () => {
  assert.deepEqual(needsOf('/staged-refunds?refundNos=1'), ['refunds.read'])
  assert.deepEqual(needsOf('/receive-returns'), ['returns.receive', 'returns.read'])
  assert.deepEqual(needsOf('/shops/7'), ['shops.read'])
  assert.deepEqual(needsOf('/#alarms'), ['overview.read'])
  assert.deepEqual(needsOf('/account'), [])
  assert.deepEqual(
    menuPages.flatMap(({ to }) => needsOf(to)).filter((each) => !isPermission(each)),
    [],
  )
})

/** The sign-in pages and the frame, which know the user. */
const own = /^(sign-in|frame)\/|^ui\/base\/page-link/

test('no page links to another but for those who may open it', () => {
  const folder = fileURLToPath(new URL('../../', import.meta.url))
  const files = globSync('**/*.tsx', { cwd: folder }).filter((file) => !own.test(file))
  const bare = files.filter((file) =>
    /import \{[^}]*\b(Link|createLink)\b[^}]*\} from '@tanstack/.test(
      readFileSync(join(folder, file), 'utf8'),
    ),
  )
  assert.deepEqual(bare, [])
  assert.ok(files.length > 150)
})
