import type { FastifyReply } from 'fastify'
import type { Routes } from '../http.ts'
import Type from 'typebox'
import { codeBody, meAnswer, mePatch, ownPasswordBody, setupBody, signedInAnswer, signInBody } from './contract.ts'
import { changeMe, changeOwnPassword, describeMe } from './me.ts'
import { isSetupOpen, setUp } from './setup.ts'
import { type SignedIn, signIn, signOut, verifyCode } from './sign-in.ts'

/** Coming in and going out, and what a person may see and set of themselves. */
export const signInRoutes: Routes = async (app) => {
  app.get('/api/setup', { config: { permission: 'public' }, schema: {
    summary: 'Whether the first administrator is still missing',
    response: { 200: Type.Object({ open: Type.Boolean() }) },
  } }, async () => ({ open: await isSetupOpen(app.db) }))

  app.post('/api/setup', { config: { permission: 'public', errors: ['setup_closed', 'duplicate'] }, schema: {
    summary: 'Make the first administrator with the one-time set-up link, and sign in',
    body: setupBody,
    response: { 200: signedInAnswer },
  } }, async (request, reply) => present(reply, await setUp(app, request.body, request)))

  app.post('/api/sign-in', { config: { permission: 'public', errors: ['wrong_credentials', 'locked_out', 'user_disabled'] }, schema: {
    summary: 'Sign in with e-mail address and password',
    description: 'Answers `code_needed` when a one-time code must follow at `/api/sign-in/code`.',
    body: signInBody,
    response: { 200: signedInAnswer },
  } }, async (request, reply) => {
    const { email, password, remember = true } = request.body
    return present(reply, await signIn(app, { email, password, remember }, request))
  })

  app.post('/api/sign-in/code', { config: { permission: 'public', errors: ['wrong_code', 'locked_out', 'sign_in_expired'] }, schema: {
    summary: 'Second step of a sign-in: a code of the authenticator app or a backup code',
    body: codeBody,
    response: { 200: signedInAnswer },
  } }, async (request, reply) => present(reply, await verifyCode(app, request.body.code, request)))

  app.post('/api/sign-out', { config: { permission: 'public' }, schema: {
    summary: 'End this session',
    response: { 204: Type.Null() },
  } }, async (request, reply) => reply.header('set-cookie', await signOut(app, request)).code(204).send(null))

  app.get('/api/me', { config: { permission: 'signed_in' }, schema: {
    summary: 'Who I am and what I may do',
    response: { 200: meAnswer },
  } }, async (request) => describeMe(app, request))

  app.patch('/api/me', { config: { permission: 'signed_in' }, schema: {
    summary: 'Change my name, language or theme',
    body: mePatch,
    response: { 204: Type.Null() },
  } }, async (request, reply) => {
    await changeMe(app, request, request.body)
    return reply.code(204).send(null)
  })

  app.post('/api/me/password', { config: { permission: 'signed_in', errors: ['wrong_password', 'locked_out'] }, schema: {
    summary: 'Change my password and end my other sessions',
    body: ownPasswordBody,
    response: { 204: Type.Null() },
  } }, async (request, reply) => {
    await changeOwnPassword(app, request, request.body)
    return reply.code(204).send(null)
  })
}

function present(reply: FastifyReply, { codeNeeded, cookies }: SignedIn) {
  reply.header('set-cookie', cookies)
  return { state: codeNeeded ? ('code_needed' as const) : ('signed_in' as const) }
}
