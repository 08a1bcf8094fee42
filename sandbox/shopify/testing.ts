import { shopify, type TestSandbox } from '../testing.ts'

export type Answered = {
  status: number
  headers: Headers
  data: Record<string, unknown>
  errors: { message: string; extensions: { code: string } }[]
  cost: {
    requestedQueryCost: number
    actualQueryCost: number
    throttleStatus: { currentlyAvailable: number }
  }
}

/** Calls the Admin API as a correct client does. */
export async function admin(
  sandbox: TestSandbox,
  query: string,
  variables: object = {},
  { token = shopify.sessionKey, version = '2026-07' } = {},
): Promise<Answered> {
  const response = await fetch(`${sandbox.url}/admin/api/${version}/graphql.json`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-shopify-access-token': token },
    body: JSON.stringify({ query, variables }),
  })
  const body = JSON.parse(await response.text())
  const { status, headers } = response
  return { status, headers, data: body.data, errors: body.errors, cost: body.extensions?.cost }
}
