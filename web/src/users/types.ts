import type { Static } from 'typebox'
import type {
  apiKeyRow,
  auditRow,
  enrolAnswer,
  linkAnswer,
  newApiKeyAnswer,
  newUserAnswer,
  roleRow,
  rolesAnswer,
  sessionRow,
  userRow,
} from '../../../server/users/contract.ts'
import type { Json } from '../ui/json.ts'

export type UserRow = Json<Static<typeof userRow>>
export type RoleRow = Static<typeof roleRow>
export type Roles = Static<typeof rolesAnswer>
export type ApiKeyRow = Json<Static<typeof apiKeyRow>>
export type AuditRow = Json<Static<typeof auditRow>>
export type SessionRow = Json<Static<typeof sessionRow>>
export type Enrolment = Static<typeof enrolAnswer>
export type Link = Json<Static<typeof linkAnswer>>
export type NewUser = Json<Static<typeof newUserAnswer>>
export type NewKey = Static<typeof newApiKeyAnswer>
