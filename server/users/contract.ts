import Type from 'typebox'
import { idSchema, nullable } from '../http.ts'

// The pattern that the sign-in library asks for; a looser one would make users who can never sign in.
const emailPattern =
  "^(?!\\.)(?!.*\\.\\.)[A-Za-z0-9_'+.-]*[A-Za-z0-9_+-]@([A-Za-z0-9][A-Za-z0-9-]*\\.)+[A-Za-z]{2,}$"

export const emailSchema = Type.String({ maxLength: 200, pattern: emailPattern, examples: ['linxiao@shanyu.cn'] })
export const personNameSchema = Type.String({ minLength: 1, maxLength: 60, pattern: '\\S' })
/** Its rules are checked by `assertGoodPassword`, which says what is wrong. */
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
  remember: Type.Optional(Type.Boolean({ default: true, description: 'False: the session ends with the browser or after a day.' })),
})

export const codeBody = Type.Object({ code: Type.String({ minLength: 6, maxLength: 20, description: 'Six digits, or a backup code.' }) })

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
  twoFactor: Type.Boolean(),
  sessionId: nullable(Type.String()),
})

export const mePatch = Type.Object(
  { name: Type.Optional(personNameSchema), language: Type.Optional(language), theme: Type.Optional(theme) },
  { minProperties: 1 },
)

export const ownPasswordBody = Type.Object({ current: passwordSchema, password: passwordSchema })
