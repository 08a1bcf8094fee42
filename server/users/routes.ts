import type { Routes } from '../core/http/http.ts'
import { apiKeyRoutes, auditRoutes } from './key-routes.ts'
import { meRoutes, twoFactorRoutes, viewRoutes } from './me-routes.ts'
import { signInRoutes } from './sign-in/sign-in-routes.ts'
import { accessRoutes, roleRoutes, userRoutes } from './user-routes.ts'

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
