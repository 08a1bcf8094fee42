import { type Routes, route, secret } from '../../core/http/http.ts'
import { idParams, nothing } from '../../core/http/http-contract.ts'
import { apiKeysAnswer, auditAnswer, auditQuery, newApiKeyAnswer, newApiKeyBody } from '../contract.ts'
import { createApiKey, revokeApiKey } from './api-keys.ts'
import { listApiKeys, listAudit } from './lists.ts'

export const apiKeyRoutes: Routes = async (app) => {
  app.get(
    '/api/api-keys',
    route('api_keys.write', 'API keys of programs', { response: { 200: apiKeysAnswer } }),
    async (request) => listApiKeys(app.db, request),
  )
  app.post(
    '/api/api-keys',
    secret(
      route(
        'api_keys.write',
        'Make an API key; the key is shown this one time',
        { body: newApiKeyBody, response: { 201: newApiKeyAnswer } },
        ['beyond_own_rights', 'outside_scope'],
      ),
    ),
    async (request, reply) => {
      const { expiresAt, ...rest } = request.body
      const input = { ...rest, expiresAt: expiresAt === null ? null : new Date(expiresAt) }
      return reply.code(201).send(await createApiKey(app.db, request, input))
    },
  )
  app.delete(
    '/api/api-keys/:id',
    route('api_keys.write', 'Revoke an API key, at once', { params: idParams, response: nothing }, [
      'not_found',
      'beyond_own_rights',
      'outside_scope',
    ]),
    async (request, reply) => {
      await revokeApiKey(app.db, request, request.params.id)
      return reply.code(204).send(null)
    },
  )
}

export const auditRoutes: Routes = async (app) => {
  app.get(
    '/api/audit',
    route('audit.read', 'Who did what, the latest first', {
      querystring: auditQuery,
      response: { 200: auditAnswer },
    }),
    async (request) => listAudit(app.db, request, request.query),
  )
}
