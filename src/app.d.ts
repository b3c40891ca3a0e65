declare global {
  namespace App {
    interface Error {
      /** A piece of the app did not arrive: the page is whole again once the server answers. */
      cut?: boolean;
    }
  }
}

export {};
