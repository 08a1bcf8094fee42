import Type from 'typebox'
import { idSchema, nullable, pageOf, pageQuery, timeAnswer, timeOrNull } from '../core/http/http-contract.ts'

// The pattern that the sign-in library accepts. With a looser one, users could be created who cannot sign in.
const emailPattern =
  "^(?!\\.)(?!.*\\.\\.)[A-Za-z0-9_'+.-]*[A-Za-z0-9_+-]@([A-Za-z0-9][A-Za-z0-9-]*\\.)+[A-Za-z]{2,}$"

export const emailSchema = Type.String({
  maxLength: 200,
  pattern: emailPattern,
  examples: ['linxiao@shanyu.cn'],
})
export const personNameSchema = Type.String({ minLength: 1, maxLength: 60, pattern: '\\S' })
/** `assertGoodPassword` checks the rules, because its error can explain them. */
export const passwordSchema = Type.String({ minLength: 1, maxLength: 200 })
const tokenSchema = Type.String({ minLength: 20, maxLength: 100 })

export const setupBody = Type.Object({
  token: tokenSchema,
  email: emailSchema,
  name: personNameSchema,
  password: passwordSchema,
})

export const signInBody = Type.Object({
  email: Type.String({ minLength: 1, maxLength: 200 }),
  password: passwordSchema,
  remember: Type.Optional(
    Type.Boolean({ default: true, description: 'False: the session ends with the browser or after a day.' }),
  ),
})

export const codeBody = Type.Object({
  code: Type.String({ minLength: 6, maxLength: 20, description: 'Six digits, or a backup code.' }),
})

export const signedInAnswer = Type.Object({
  state: Type.Union([Type.Literal('signed_in'), Type.Literal('code_needed')]),
})

export const passwordResetBody = Type.Object({ token: tokenSchema, password: passwordSchema })

const language = Type.Union([Type.Literal('zh'), Type.Literal('en')])
const theme = Type.Union([Type.Literal('system'), Type.Literal('light'), Type.Literal('dark')])

export const meAnswer = Type.Object({
  kind: Type.Union([Type.Literal('user'), Type.Literal('api_key')]),
  id: Type.String(),
  name: Type.String(),
  email: nullable(Type.String()),
  language,
  theme,
  roles: Type.Array(Type.Object({ id: Type.String(), name: Type.String(), nameEn: Type.String() })),
  permissions: Type.Array(Type.String()),
  shops: Type.Union([Type.Literal('all'), Type.Array(idSchema)]),
  warehouses: Type.Union([Type.Literal('all'), Type.Array(idSchema)]),
  twoFactor: Type.Boolean(),
  sessionId: nullable(Type.String()),
})

export const mePatch = Type.Object(
  { name: Type.Optional(personNameSchema), language: Type.Optional(language), theme: Type.Optional(theme) },
  { minProperties: 1 },
)

export const ownPasswordBody = Type.Object({ current: passwordSchema, password: passwordSchema })

export const passwordOnlyBody = Type.Object({ password: passwordSchema })
export const totpBody = Type.Object({ code: Type.String({ pattern: '^[0-9]{6}$' }) })
export const enrolAnswer = Type.Object({
  uri: Type.String({ description: 'otpauth:// address, to be shown as a QR code.' }),
  backupCodes: Type.Array(Type.String(), { description: 'Each works once. Shown this one time.' }),
})

export const sessionRow = Type.Object({
  id: Type.String(),
  current: Type.Boolean(),
  ip: Type.String(),
  userAgent: Type.String(),
  createdAt: timeAnswer,
  lastUsedAt: timeAnswer,
  expiresAt: timeAnswer,
})
export const sessionsAnswer = Type.Object({ rows: Type.Array(sessionRow) })

const grant = Type.Union([Type.Literal('all'), Type.Array(idSchema, { maxItems: 10_000 })])
const roleIds = Type.Array(idSchema, { maxItems: 20, uniqueItems: true })
const permissionNames = Type.Array(Type.String({ maxLength: 60 }), { maxItems: 200, uniqueItems: true })

export const userRow = Type.Object({
  id: Type.String(),
  email: Type.String(),
  name: Type.String(),
  roles: Type.Array(Type.Object({ id: Type.String(), name: Type.String(), nameEn: Type.String() })),
  shops: Type.Union([Type.Literal('all'), Type.Array(Type.String())]),
  warehouses: Type.Union([Type.Literal('all'), Type.Array(Type.String())]),
  twoFactor: Type.Boolean(),
  state: Type.Union([Type.Literal('active'), Type.Literal('invited'), Type.Literal('disabled')]),
  lastSignInAt: timeOrNull,
  createdAt: timeAnswer,
})
export const usersQuery = Type.Object({
  ...pageQuery,
  q: Type.Optional(Type.String({ maxLength: 100, description: 'Part of the name or e-mail address.' })),
  state: Type.Optional(
    Type.Union([Type.Literal('active'), Type.Literal('invited'), Type.Literal('disabled')]),
  ),
})
export const usersAnswer = pageOf(userRow)
export const newUserBody = Type.Object({
  email: emailSchema,
  name: personNameSchema,
  roleIds,
  shops: grant,
  /** Undefined: the warehouses of the asker. */
  warehouses: Type.Optional(grant),
})
export const userPatch = Type.Object(
  {
    email: Type.Optional(emailSchema),
    name: Type.Optional(personNameSchema),
    roleIds: Type.Optional(roleIds),
    shops: Type.Optional(grant),
    warehouses: Type.Optional(grant),
    disabled: Type.Optional(Type.Boolean()),
  },
  { minProperties: 1 },
)
export const linkAnswer = Type.Object({ url: Type.String(), expiresAt: timeAnswer })
export const newUserAnswer = Type.Object({ id: Type.String(), link: linkAnswer })

export const roleRow = Type.Object({
  id: Type.String(),
  name: Type.String(),
  nameEn: Type.String(),
  permissions: Type.Array(Type.String()),
  builtin: Type.Boolean(),
  users: Type.Integer(),
})
export const rolesAnswer = Type.Object({
  rows: Type.Array(roleRow),
  permissions: Type.Array(
    Type.Object({ name: Type.String(), area: Type.String(), label: Type.String(), labelEn: Type.String() }),
    { description: 'Every permission there is.' },
  ),
})
const roleFields = {
  name: Type.String({ minLength: 1, maxLength: 40, pattern: '\\S' }),
  nameEn: Type.String({ maxLength: 40 }),
  permissions: permissionNames,
}
export const newRoleBody = Type.Object({ ...roleFields, nameEn: Type.Optional(roleFields.nameEn) })
export const rolePatch = Type.Partial(Type.Object(roleFields), { minProperties: 1 })
export const idAnswer = Type.Object({ id: Type.String() })

export const apiKeyRow = Type.Object({
  id: Type.String(),
  name: Type.String(),
  prefix: Type.String(),
  permissions: Type.Array(Type.String()),
  shops: Type.Union([Type.Literal('all'), Type.Array(Type.String())]),
  warehouses: Type.Union([Type.Literal('all'), Type.Array(Type.String())]),
  createdBy: Type.Object({ id: Type.String(), name: Type.String() }),
  createdAt: timeAnswer,
  expiresAt: timeOrNull,
  lastUsedAt: timeOrNull,
  revokedAt: timeOrNull,
})
export const apiKeysAnswer = Type.Object({ rows: Type.Array(apiKeyRow) })
export const newApiKeyBody = Type.Object({
  name: Type.String({ minLength: 1, maxLength: 60, pattern: '\\S' }),
  permissions: Type.Array(Type.String({ maxLength: 60 }), { minItems: 1, maxItems: 200, uniqueItems: true }),
  shops: grant,
  /** Undefined: the warehouses of the asker. */
  warehouses: Type.Optional(grant),
  expiresAt: nullable(Type.String({ format: 'date-time' })),
})
export const newApiKeyAnswer = Type.Object({
  id: Type.String(),
  key: Type.String({ description: 'Shown this one time: only its hash is kept.' }),
})

export const auditRow = Type.Object({
  id: Type.String(),
  at: timeAnswer,
  actor: Type.Object({ kind: Type.String(), id: Type.String(), name: Type.String() }),
  action: Type.String(),
  subject: Type.Object({ type: Type.String(), id: Type.String() }),
  shopId: nullable(Type.String()),
  detail: Type.Record(Type.String(), Type.Unknown()),
  ip: Type.String(),
  requestId: Type.String(),
})
export const auditQuery = Type.Object({
  ...pageQuery,
  actorId: Type.Optional(Type.String({ maxLength: 40 })),
  actorKind: Type.Optional(Type.String({ pattern: '^(user|api_key|task|system)$' })),
  action: Type.Optional(Type.String({ maxLength: 300, description: 'One or several, comma separated.' })),
  subjectType: Type.Optional(Type.String({ maxLength: 40 })),
  subjectId: Type.Optional(Type.String({ maxLength: 60 })),
  shopId: Type.Optional(idSchema),
  from: Type.Optional(Type.String({ format: 'date-time' })),
  to: Type.Optional(Type.String({ format: 'date-time' })),
})
export const auditAnswer = pageOf(auditRow)

const listName = Type.String({ pattern: '^[a-z][a-z-]{1,40}$', examples: ['staged-trades'] })
const viewFields = {
  name: Type.String({ minLength: 1, maxLength: 40, pattern: '\\S' }),
  query: Type.String({
    maxLength: 4000,
    description: "The list's query string, without '?'. The text searched for is not kept.",
  }),
  shared: Type.Boolean(),
}
export const viewRow = Type.Object({
  id: Type.String(),
  list: Type.String(),
  ...viewFields,
  own: Type.Boolean(),
  owner: Type.String(),
})
export const viewsQuery = Type.Object({ list: Type.Optional(listName) })
export const viewsAnswer = Type.Object({ rows: Type.Array(viewRow) })
export const newViewBody = Type.Object({
  list: listName,
  ...viewFields,
  shared: Type.Optional(viewFields.shared),
})
export const viewPatch = Type.Partial(Type.Object(viewFields), { minProperties: 1 })

export const setupAnswer = Type.Object({ open: Type.Boolean() })
