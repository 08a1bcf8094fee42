import { type Body, fail, flag, neededText, number, text } from './json-body.ts'
import { dropLinks, publish } from './push/books.ts'
import { postTo } from './push/posts.ts'
import type { Sandbox } from './state.ts'
import type { Shop } from './world/model.ts'

/** How well the message services work; `drop` breaks every connection. Missing fields do not change. */
export function changePush({ push }: Sandbox, body: Body): void {
  const { faults } = push
  for (const name of ['lose', 'double', 'late', 'lateMs', 'shuffle', 'resendMs'] as const)
    faults[name] = number(body, name) ?? faults[name]
  for (const name of ['mute', 'refuse'] as const) if (name in body) faults[name] = flag(body, name)
  if (flag(body, 'drop')) dropLinks(push)
}

/** Sends a message of a permitted shop that says anything, true or not. */
export function sayPush({ world, push }: Sandbox, shop: Shop, body: Body): void {
  const id = text(body, 'id')
  if (!push.permits.has(shop.key)) fail(`${shop.key} is not permitted`)
  publish(world, push, shop, {
    topic: neededText(body, 'topic'),
    content: text(body, 'content') ?? '{}',
    anyTopic: true,
    ...(id === undefined ? {} : { id: BigInt(id) }),
  })
}

/** Posts the messages of a shop to an address, as its merchant would enter it in the platform's console. */
export function setPostAddress(sandbox: Sandbox, shop: Shop, body: Body): void {
  // A mall posts with an API key of the installation.
  const key = text(body, 'key')
  if (key !== undefined) shop.options = { ...shop.options, pushKey: key }
  if (!postTo(sandbox, shop, neededText(body, 'url'))) fail(`${shop.platform} posts no messages`)
}
