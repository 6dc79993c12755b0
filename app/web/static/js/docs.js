// The API's human pages: Swagger UI from our own files, under our own policy.
document.addEventListener("DOMContentLoaded", () => {
  const target = document.getElementById("api-docs");
  window.SwaggerUIBundle({
    domNode: target,
    url: target.dataset.openapiUrl,
    deepLinking: true,
    docExpansion: "list",
    defaultModelsExpandDepth: 0,
    validatorUrl: null,
  });
});
