export { SignIn, type SignInProps } from "./sign-in.tsx";
export { SignUp } from "./sign-up.tsx";
