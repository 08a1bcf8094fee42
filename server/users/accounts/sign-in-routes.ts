import type { FastifyReply } from 'fastify'
import { type Routes, route } from '../../core/http/http.ts'
import { nothing } from '../../core/http/http-contract.ts'
import {
  codeBody,
  passwordResetBody,
  setupAnswer,
  setupBody,
  signedInAnswer,
  signInBody,
} from '../contract.ts'
import { isSetupOpen, setUp } from '../sign-in/setup.ts'
import { type SignedIn, signIn, signOut, verifyCode } from '../sign-in/sign-in.ts'
import { resetPassword } from './users.ts'

const signedIn = { 200: signedInAnswer }

export const signInRoutes: Routes = async (app) => {
  app.get(
    '/api/setup',
    route('public', 'Whether the first administrator is still missing', { response: { 200: setupAnswer } }),
    async () => ({ open: await isSetupOpen(app.db) }),
  )
  app.post(
    '/api/setup',
    route(
      'public',
      'Make the first administrator with the one-time set-up link, and sign in',
      { body: setupBody, response: signedIn },
      ['setup_closed', 'duplicate'],
    ),
    async (request, reply) => present(reply, await setUp(app, request.body, request)),
  )
  app.post(
    '/api/sign-in',
    route(
      'public',
      'Sign in; on `code_needed` a one-time code must follow at /api/sign-in/code',
      { body: signInBody, response: signedIn },
      ['wrong_credentials', 'locked_out', 'user_disabled'],
    ),
    async (request, reply) => {
      const { email, password, remember = true } = request.body
      return present(reply, await signIn(app, { email, password, remember }, request))
    },
  )
  app.post(
    '/api/sign-in/code',
    route(
      'public',
      'Second step of a sign-in: a code of the authenticator app or a backup code',
      { body: codeBody, response: signedIn },
      ['wrong_code', 'locked_out', 'sign_in_expired'],
    ),
    async (request, reply) => present(reply, await verifyCode(app, request.body.code.trim(), request)),
  )
  app.post(
    '/api/sign-out',
    route('public', 'End this session', { response: nothing }),
    async (request, reply) => {
      reply.header('set-cookie', await signOut(app, request))
      return reply.code(204).send(null)
    },
  )
  app.post(
    '/api/password',
    route(
      'public',
      'Set a password with a one-time link that an administrator made',
      { body: passwordResetBody, response: nothing },
      ['link_expired'],
    ),
    async (request, reply) => {
      await resetPassword(app.db, request.body, request)
      return reply.code(204).send(null)
    },
  )
}

function present(reply: FastifyReply, { codeNeeded, cookies }: SignedIn) {
  reply.header('set-cookie', cookies)
  return { state: codeNeeded ? ('code_needed' as const) : ('signed_in' as const) }
}
