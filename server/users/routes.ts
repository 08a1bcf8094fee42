import type { Routes } from '../core/http/http.ts'
import { apiKeyRoutes, auditRoutes } from './accounts/key-routes.ts'
import { meRoutes, twoFactorRoutes, viewRoutes } from './accounts/me-routes.ts'
import { signInRoutes } from './accounts/sign-in-routes.ts'
import { accessRoutes, roleRoutes, userRoutes } from './accounts/user-routes.ts'

export const routes: Routes = async (app) => {
  await app.register(signInRoutes)
  await app.register(meRoutes)
  await app.register(twoFactorRoutes)
  await app.register(viewRoutes)
  await app.register(userRoutes)
  await app.register(accessRoutes)
  await app.register(roleRoutes)
  await app.register(apiKeyRoutes)
  await app.register(auditRoutes)
}
